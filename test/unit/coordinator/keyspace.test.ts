import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyspace, prefixEnd } from '../../../src/coordinator/etcd/keyspace.js';

describe('the keys of a cluster in etcd', () => {
  it('come back without the root', () => {
    const keyspace = new Keyspace('/quorate/ä/');
    expect(keyspace.strip(keyspace.key('slots/😀'))).toBe('slots/😀');
  });

  it('end a range right behind the last key with the prefix', () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 4 })
      .filter((prefix) => prefix.some((b) => b < 0xff));
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 6 }), (prefix, key) => {
        const start = Buffer.from(prefix);
        const candidate = Buffer.from(key);
        const inRange =
          Buffer.compare(candidate, start) >= 0 && Buffer.compare(candidate, prefixEnd(start)) < 0;
        expect(inRange).toBe(candidate.subarray(0, start.length).equals(start));
      }),
    );
  });

  it('end the range of an all-ones prefix at the end of all keys, in the way of etcd', () => {
    expect(prefixEnd(Buffer.from([0xff, 0xff]))).toEqual(Buffer.from([0]));
  });

  it('carry revisions beyond the integers of JavaScript', () => {
    const keyspace = new Keyspace('/r/');
    const modRevision = 9_223_372_036_854_775_807n;
    expect(keyspace.compare({ key: 'a', modRevision }).mod_revision).toBe('9223372036854775807');
  });
});
