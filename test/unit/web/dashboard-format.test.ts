import { describe, expect, test } from 'vitest';
import { gtidParts, shortGtid } from '../../../src/web/dashboard/format/gtid.js';
import { bytes, count, milliseconds } from '../../../src/web/dashboard/format/numbers.js';
import { nameOf } from '../../../src/web/dashboard/format/slave.js';
import { duration } from '../../../src/web/dashboard/format/time.js';
import { groupColour } from '../../../src/web/dashboard/pages/redis/group-colour.js';

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00 k'],
    ['123456789012345678', '123 P'],
    [null, '–'],
  ])('%s is %s', (value, text) => expect(count(value)).toBe(text));

  test.each([
    [512, '512 B'],
    [1_536, '1.50 KiB'],
    ['1099511627776', '1.00 TiB'],
  ])('%s bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

  test.each([
    [0.02, '0.02 ms'],
    [12.3, '12 ms'],
    [1_500, '1.5 s'],
  ])('%s ms are %s', (value, text) => expect(milliseconds(value)).toBe(text));

  test.each([
    [5, '5 s'],
    [61, '1 min'],
    [90_000, '1 d'],
  ])('%s seconds are %s', (value, text) => expect(duration(value)).toBe(text));
});

describe('GTID sets for people', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

  test('of MySQL have a part for each source', () => {
    const parts = gtidParts(`${uuid}:1-5:7,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:1`);
    expect(parts.map(shortGtid)).toEqual(['3e11fa47…:1-5:7', '4e11fa47…:1']);
  });

  test('of MariaDB have a part for each domain and server', () => {
    expect(gtidParts('0-1-270,5-2-9').map(shortGtid)).toEqual(['0-1-270', '5-2-9']);
  });

  test('with many holes are cut in the middle', () => {
    expect(shortGtid(gtidParts(`${uuid}:1-5:7:9:11-20`)[0]!)).toBe('3e11fa47…:1-5:…2 more…:11-20');
  });
});

test('39 groups have colours that differ', () => {
  const colours = Array.from({ length: 39 }, (_, index) => groupColour(index + 1));
  expect(new Set(colours).size).toBe(39);
});

test('a slave is named by its host and its server_id, not by the port that it comes from', () => {
  const slave = { hostName: null, address: '[::1]:51234', serverId: '7' };
  expect(nameOf(slave)).toBe('[::1] (server_id 7)');
  expect(nameOf({ ...slave, hostName: 'db7' })).toBe('db7 (server_id 7)');
});
