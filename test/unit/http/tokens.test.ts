import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { createToken, TokenStore, TokensFileError } from '../../../src/http/tokens.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

let file: string;
beforeEach(() => {
  file = join(temporaryDirectory('tokens'), 'tokens.yaml');
});

function edit(change: (tokens: Record<string, unknown>[]) => unknown): void {
  const { tokens } = parse(readFileSync(file, 'utf8')) as { tokens: Record<string, unknown>[] };
  writeFileSync(file, stringify({ tokens: change(tokens) ?? tokens }));
}

describe('making a token', () => {
  test('returns 32 random bytes and stores nothing but their hash, for the owner only', () => {
    const token = createToken(file, 'ops', 'OPERATOR', null);
    expect(token).toMatch(/^qt_[A-Za-z0-9_-]{43}$/);
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice(3));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(createToken(file, 'other', 'OPERATOR', null)).not.toBe(token);
  });

  test('keeps those that there are, and refuses a name that is taken', () => {
    const token = createToken(file, 'ops', 'OPERATOR', null);
    createToken(file, 'more', 'VIEWER', null);
    expect(new TokenStore(file).find(token)).toEqual({ name: 'ops', role: 'OPERATOR', expiresAt: null });
    expect(() => createToken(file, 'ops', 'ADMIN', null)).toThrow(/"ops" already/);
  });

  test('changes nothing in a file that it cannot read', () => {
    writeFileSync(file, 'tokens: 5\n');
    expect(() => createToken(file, 'ops', 'ADMIN', null)).toThrow(TokensFileError);
    expect(readFileSync(file, 'utf8')).toBe('tokens: 5\n');
  });
});

describe('the tokens in force', () => {
  test('are those of the file and no others', () => {
    const token = createToken(file, 'ops', 'ADMIN', null);
    const store = new TokenStore(file);
    for (const wrong of ['', 'qt_', `${token}x`, token.slice(0, -1), token.toUpperCase()]) {
      expect(store.find(wrong)).toBeUndefined();
    }
    expect(TokenStore.empty().find(token)).toBeUndefined();
  });

  test('end at their time', () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const token = createToken(file, 'ops', 'ADMIN', expiresAt);
    const store = new TokenStore(file);
    expect(store.find(token)).toEqual({ name: 'ops', role: 'ADMIN', expiresAt });
    vi.useFakeTimers({ now: expiresAt });
    try {
      expect(store.find(token)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test('are read again when the file changes: taken out, changed or replaced', () => {
    const token = createToken(file, 'ops', 'ADMIN', null);
    const store = new TokenStore(file);
    expect(store.find(token)?.role).toBe('ADMIN');
    edit(([entry]) => [{ ...entry, role: 'VIEWER' }]);
    expect(store.find(token)?.role).toBe('VIEWER');
    edit(() => []);
    expect(store.find(token)).toBeUndefined();
    const next = createToken(file, 'next', 'ADMIN', null);
    expect(store.find(next)?.name).toBe('next');
  });

  test.each([
    ['broken', () => writeFileSync(file, 'tokens: [')],
    ['of another shape', () => writeFileSync(file, 'tokens: 5\n')],
    ['gone', () => rmSync(file)],
  ])('stay when the file is %s, which is reported once', (_, spoil) => {
    const token = createToken(file, 'ops', 'ADMIN', null);
    const report = vi.fn();
    const store = new TokenStore(file, report);
    spoil();
    expect(store.find(token)?.name).toBe('ops');
    expect(store.find(token)?.name).toBe('ops');
    expect(report).toHaveBeenCalledOnce();
    expect(report.mock.calls[0]![0]).toBeInstanceOf(TokensFileError);
    rmSync(file, { force: true });
    const next = createToken(file, 'next', 'ADMIN', null);
    expect(store.find(next)?.name).toBe('next');
    expect(store.find(token)).toBeUndefined();
  });

  test.each([
    ['missing', () => undefined, /does not exist.*quorate token create/],
    ['broken', () => writeFileSync(file, 'tokens: ['), /cannot be read/],
    ['with a role that there is not', () => spoilEntry({ role: 'ROOT' }), /cannot be read/],
    ['with an end that is no time', () => spoilEntry({ expiresAt: 'soon' }), /expected a time/],
    ['with a hash that is none', () => spoilEntry({ sha256: 'qt_abc' }), /cannot be read/],
    ['with a key that is unknown', () => spoilEntry({ expires: '2020-01-01' }), /cannot be read/],
  ])('are refused at the start in a file that is %s', (_, prepare, reason) => {
    prepare();
    expect(() => new TokenStore(file)).toThrow(TokensFileError);
    expect(() => new TokenStore(file)).toThrow(reason);
  });
});

function spoilEntry(change: Record<string, unknown>): void {
  createToken(file, 'ops', 'ADMIN', null);
  edit(([entry]) => [{ ...entry, ...change }]);
}
