import { describe, expect, test } from 'vitest';
import { commandIndex } from '../../../src/redis/proxy/commands/table.js';
import { NO_KEY, NO_SLOT, SHOWN_KEY_BYTES, SlowLog } from '../../../src/redis/proxy/slow-log.js';

const GET = commandIndex('get');

function note(log: SlowLog, key: Buffer | null, slot = 7): void {
  // As a connection keeps keys: one of many, cut to what is shown.
  const keys = Buffer.alloc(5 * SHOWN_KEY_BYTES);
  key?.copy(keys, 3 * SHOWN_KEY_BYTES, 0, SHOWN_KEY_BYTES);
  log.note(12.5, GET, slot, false, '10.0.0.1:6379', keys, 3 * SHOWN_KEY_BYTES, key?.length ?? NO_KEY);
}

describe('the log of slow requests', () => {
  test('keeps the last ones, the newest first, and counts all', () => {
    const log = new SlowLog(10, 3);
    expect(log.read()).toEqual([]);
    for (const key of ['a', 'b', 'c', 'd']) note(log, Buffer.from(key));
    expect(log.read().map(({ id, key }) => [id, key])).toEqual([
      [4, 'd'],
      [3, 'c'],
      [2, 'b'],
    ]);
    expect(log.read()[0]).toEqual({
      id: 4,
      at: expect.any(Number),
      durationMs: 12.5,
      command: 'get',
      key: 'd',
      slot: 7,
      server: '10.0.0.1:6379',
      failed: false,
    });
  });

  test('gives what is new since a number, as far as it is still kept', () => {
    const log = new SlowLog(10, 3);
    for (let i = 0; i < 5; i++) note(log, null);
    expect(log.since(4).map(({ id }) => id)).toEqual([5]);
    expect(log.since(0).map(({ id }) => id)).toEqual([3, 4, 5]);
    expect(log.since(5)).toEqual([]);
  });

  test('shows the beginning of a long key, in printable characters', () => {
    const log = new SlowLog(10, 3);
    note(log, Buffer.from([0x00, 0x41, 0x5c, 0xff]));
    note(log, Buffer.alloc(100, 'x'));
    note(log, null, NO_SLOT);
    expect(log.read().map(({ key, slot }) => [key, slot])).toEqual([
      [null, null],
      [`${'x'.repeat(SHOWN_KEY_BYTES)}… (100 bytes)`, 7],
      ['\\x00A\\x5c\\xff', 7],
    ]);
  });

  test('keeps nothing when it has no length', () => {
    const log = new SlowLog(10, 0);
    note(log, null);
    expect(log.read()).toEqual([]);
  });
});
