import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Collection, RecordError } from '../../../src/cluster/collection.js';
import { serverRecord } from '../../../src/redis/topology/records.js';

const fruits = new Collection('fruits/', z.object({ color: z.string() }));

describe('a collection', () => {
  test('reads what it wrote, under keys of its own', () => {
    expect(fruits.key(7)).toBe('fruits/7');
    expect(fruits.decode('fruits/7', fruits.encode({ color: 'red' }))).toEqual({ color: 'red' });
  });

  test('keeps what a newer version has added, at every depth, when it is changed and written back', () => {
    const baskets = new Collection(
      'baskets/',
      z.object({
        label: z.string(),
        fruits: z.array(z.object({ color: z.string() })),
        full: z.boolean().default(false),
      }),
    );
    const text = '{"label":"a","owner":"Eve","fruits":[{"color":"red","size":5}]}';
    const read = baskets.decode('baskets/7', text);
    expect(JSON.parse(baskets.encode({ ...read, label: 'b' }))).toEqual({
      label: 'b',
      owner: 'Eve',
      full: false,
      fruits: [{ color: 'red', size: 5 }],
    });
  });

  test.each(['', 'null', '{}', '[]', '{"color":5}', '{"color":"red"'])(
    'names the record that is %j',
    (text) => {
      const read = () => fruits.decode('fruits/7', text);
      expect(read).toThrow(RecordError);
      expect(read).toThrow(/"fruits\/7" cannot be read/);
    },
  );

  test('repeats no value of a record that it cannot read', () => {
    const servers = new Collection('servers/', serverRecord);
    const read = () => servers.decode('servers/1', '{"address":5,"password":"v1:sealed"}');
    expect(read).toThrow(RecordError);
    expect(read).not.toThrow(/v1:sealed/);
  });
});
