import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyList } from '../../../src/redis/migration/key-list.js';

const entry = fc.record({
  key: fc.uint8Array({ maxLength: 400_000, size: '+1' }).map((bytes) => Buffer.from(bytes)),
  database: fc.integer({ min: 0, max: 15 }),
  slot: fc.integer({ min: 0, max: 1023 }),
  bytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

const ALL: ReadonlySet<number> = new Set(Array.from({ length: 1_024 }, (_, slot) => slot));

describe('a list of keys', () => {
  test('gives back every key of the wanted slots as it was added, in order, whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
        const list = new KeyList(2 ** 30);
        for (const { key, database, slot, bytes } of entries)
          expect(list.add(key, database, slot, bytes)).toBe(true);
        expect([...list.keysOf(ALL)]).toEqual(entries);
        const some = new Set(entries.slice(0, 3).map(({ slot }) => slot));
        expect([...list.keysOf(some)]).toEqual(entries.filter(({ slot }) => some.has(slot)));
      }),
    );
  });

  test('keeps keys over many chunks, long ones included', () => {
    const list = new KeyList(2 ** 30);
    const keys = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`key:${i}:${'x'.repeat(i % 97)}`));
    keys.splice(500, 0, Buffer.alloc(600_000, 'long'));
    for (const key of keys) list.add(key, 3, 0, key.length);
    const kept = [...list.keysOf(ALL)].map(({ key }) => key);
    expect(kept.length).toBe(keys.length);
    expect(kept.every((key, i) => key.equals(keys[i]!))).toBe(true);
  });

  test('takes no more than its bound, and keeps what it has', () => {
    const list = new KeyList(100);
    expect(list.add(Buffer.alloc(50), 0, 0, 1)).toBe(true);
    expect(list.add(Buffer.alloc(50), 0, 0, 1)).toBe(false);
    expect([...list.keysOf(ALL)]).toHaveLength(1);
  });

  test('remembers a size beyond 4 GiB as 4 GiB', () => {
    const list = new KeyList(100);
    list.add(Buffer.from('k'), 0, 0, 2 ** 40);
    expect([...list.keysOf(ALL)][0]!.bytes).toBe(2 ** 32 - 1);
  });
});
