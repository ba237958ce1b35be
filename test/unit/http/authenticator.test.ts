import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Caller } from '../../../src/api/auth.js';
import { Authenticator, refuseForeignOrigin } from '../../../src/http/authenticator.js';
import { createToken, TokenStore } from '../../../src/http/tokens.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const KEY = Buffer.alloc(32, 1);
const CALLER: Caller = { name: 'ops', role: 'OPERATOR', expiresAt: null };
const file = join(temporaryDirectory('authenticator'), 'tokens.yaml');
const token = createToken(file, 'reader', 'VIEWER', null);
const open = new Authenticator(null, KEY);
const guarded = new Authenticator(new TokenStore(file), KEY);

afterEach(() => void vi.useRealTimers());

describe('without tokens', () => {
  test('everybody who gets through is the administrator of this machine', async () => {
    for (const header of [undefined, '', 'Bearer nonsense', 'Basic abc']) {
      expect(await open.authenticate(header)).toMatchObject({ name: 'local', role: 'ADMIN' });
    }
  });

  test('a member that passes a request on says for whom', async () => {
    const forwarded = await new Authenticator(null, KEY).signForwarded(CALLER);
    expect(await open.authenticate(`Bearer ${forwarded}`)).toEqual(CALLER);
  });
});

describe('with tokens', () => {
  test('a token makes its owner known, whatever the case of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER  ']) {
      expect(await guarded.authenticate(`${scheme} ${token}`)).toMatchObject({
        name: 'reader',
        role: 'VIEWER',
      });
    }
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    token,
    `Bearer ${token} more`,
    'Bearer qt_unknown',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  ])('%j lets nobody in', async (header) => {
    await expect(guarded.authenticate(header)).rejects.toMatchObject({
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });
});

describe('a request that another member passed on', () => {
  const forged = (
    claims: object,
    key = KEY,
    alg = 'HS256',
    subject: string | null = 'ops',
    issuer = 'quorate-member',
  ) => {
    const jwt = new SignJWT({ ...claims })
      .setProtectedHeader({ alg })
      .setIssuer(issuer)
      .setExpirationTime('30s');
    return (subject === null ? jwt : jwt.setSubject(subject)).sign(key);
  };

  test('is accepted under the key of the cluster, with the rights of who asked first', async () => {
    const header = `Bearer ${await new Authenticator(null, KEY).signForwarded(CALLER)}`;
    expect(await guarded.authenticate(header)).toEqual(CALLER);
  });

  test('is refused under another key', async () => {
    const header = `Bearer ${await new Authenticator(null, Buffer.alloc(32, 2)).signForwarded(CALLER)}`;
    await expect(guarded.authenticate(header)).rejects.toThrow(/not known or has expired/);
  });

  test('is accepted while the clocks of the members differ by minutes, and refused with the reason beyond that', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const header = `Bearer ${await guarded.signForwarded(CALLER)}`;
    vi.setSystemTime(Date.now() + 10 * 60_000);
    expect(await guarded.authenticate(header)).toEqual(CALLER);
    vi.setSystemTime(Date.now() + 31_000);
    await expect(guarded.authenticate(header)).rejects.toThrow(/clock that is some 10 minutes behind/);
  });

  test.each<[string, () => Promise<string>]>([
    ['a role that there is not', () => forged({ role: 'ROOT' })],
    ['no role', () => forged({})],
    ['no name', () => forged({ role: 'ADMIN' }, KEY, 'HS256', null)],
    ['another issuer', () => forged({ role: 'ADMIN' }, KEY, 'HS256', 'ops', 'elsewhere')],
    ['another algorithm', () => forged({ role: 'ADMIN' }, Buffer.alloc(64, 1), 'HS512')],
  ])('is refused with %s', async (_, sign) => {
    await expect(guarded.authenticate(`Bearer ${await sign()}`)).rejects.toThrow(/not known/);
  });
});

describe('where a request seems to come from', () => {
  test.each([
    [{ host: 'localhost:4000' }, true],
    [{ host: '127.0.0.1:4000' }, true],
    [{ host: '[::1]:4000' }, true],
    [{ host: 'localhost:4000', origin: 'http://localhost:4000' }, true],
    [{ host: 'quorate.example', origin: 'https://quorate.example' }, false],
    [{ host: 'quorate.example:4000', origin: 'http://quorate.example:4000' }, false],
  ])('%j is accepted (loopback only: %s)', (headers, loopbackOnly) => {
    expect(refuseForeignOrigin(headers, loopbackOnly)).toBeUndefined();
  });

  test.each([
    [{}, true],
    [{ host: '' }, true],
    [{ host: 'evil.example' }, true],
    [{ host: 'evil.example:4000', origin: 'http://evil.example:4000' }, true],
    [{ host: '127.0.0.1.evil.example' }, true],
    [{ host: 'localhost:4000', origin: 'http://localhost:3000' }, true],
    [{ host: 'localhost:4000', origin: 'http://evil.example' }, true],
    [{ host: 'localhost:4000', origin: 'null' }, true],
    [{ host: 'localhost:4000', origin: '' }, true],
    [{ host: 'quorate.example', origin: 'http://evil.example' }, false],
    [{ host: 'quorate.example', origin: 'http://quorate.example.evil.example' }, false],
    [{ host: 'quorate.example', origin: 'null' }, false],
  ])('%j is refused (loopback only: %s)', (headers, loopbackOnly) => {
    expect(refuseForeignOrigin(headers, loopbackOnly)).toBeTypeOf('string');
  });
});
