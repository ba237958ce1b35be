import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toUserError, withInputNames } from '../../../src/api/refusals.js';
import { refuse } from '../../../src/common/refused.js';

const source = new URL('../../../src/', import.meta.url).pathname;

describe('a refusal', () => {
  test.each([
    ['address', ['input', 'address']],
    [
      ['servers', 0, 'address'],
      ['input', 'servers', '0', 'address'],
    ],
    [[], ['input']],
    [null, []],
  ])('in the field %j reaches the caller with the path %j', (field, path) => {
    expect(toUserError({ code: 'IN_USE', field, message: 'It is in use.' })).toEqual({
      code: 'IN_USE',
      path,
      message: 'It is in use.',
    });
  });

  test.each([
    ['peerUrls', ['newPeerUrls']],
    [
      ['peerUrls', 1],
      ['newPeerUrls', '1'],
    ],
    ['name', ['name']],
    [[], []],
    [null, null],
  ])('in the field %j of a domain names %j of the input', async (field, renamed) => {
    const change = withInputNames({ peerUrls: 'newPeerUrls' }, async () => refuse('IN_USE', field, 'Taken.'));
    await expect(change).rejects.toMatchObject({ refusals: [{ code: 'IN_USE', field: renamed }] });
  });

  test.each(['redis', 'binlog', 'cluster', 'coordinator'])(
    'of src/%s knows no input of the API',
    (domain) => {
      const files = readdirSync(join(source, domain), { recursive: true, encoding: 'utf8' });
      const code = files.filter((name) => name.endsWith('.ts'));
      const knowing = code.filter((name) =>
        /['"`]input(\.[^'"`]*)?['"`]/.test(readFileSync(join(source, domain, name), 'utf8')),
      );
      expect(code.length).toBeGreaterThan(10);
      expect(knowing).toEqual([]);
    },
  );
});
