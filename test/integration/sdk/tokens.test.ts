import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken } from '../../../src/http/tokens.js';
import { createClient, ForbiddenError, UnauthenticatedError } from '../../../src/sdk/index.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const file = join(temporaryDirectory('tokens'), 'tokens.yaml');
const viewer = createToken(file, 'looker', 'VIEWER', null);
const operator = createToken(file, 'mover', 'OPERATOR', null);
let member: QuorateMember;

beforeAll(async () => {
  member = await QuorateMember.start({ args: ['--tokens', file] });
});
afterAll(() => member?.stop());

describe('a member with tokens', () => {
  test('lets nobody in without one, by neither transport', async () => {
    for (const token of [undefined, `${viewer}x`]) {
      const client = createClient({ url: member.url, token });
      await expect(client.groups()).rejects.toBeInstanceOf(UnauthenticatedError);
      await expect(client.watchGroups().next()).rejects.toBeInstanceOf(UnauthenticatedError);
      await expect(client.watchActions().next()).rejects.toBeInstanceOf(UnauthenticatedError);
      await client.close();
    }
  });

  test('lets each do what its role allows', async () => {
    const looker = createClient({ url: member.url, token: viewer });
    const mover = createClient({ url: member.url, token: operator });
    expect(await looker.groups()).toEqual([]);
    await expect(looker.createGroup({ input: { number: 1 } })).rejects.toBeInstanceOf(ForbiddenError);
    expect((await mover.createGroup({ input: { number: 1 } })).group?.number).toBe(1);
    expect((await looker.watchGroups().next()).value?.number).toBe(1);
    await Promise.all([looker.close(), mover.close()]);
  });

  test('ends the subscriptions of a token that is taken away', async () => {
    const gone = createToken(file, 'guest', 'VIEWER', null);
    const client = createClient({ url: member.url, token: gone });
    const watching = client.watchCluster();
    await watching.next();
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('guest', 'was-guest')
        .replace(/(was-guest[^]*?sha256: )[0-9a-f]{64}/, `$1${'f'.repeat(64)}`),
    );
    await expect(watching.next()).rejects.toBeInstanceOf(UnauthenticatedError);
    await client.close();
  });
});
