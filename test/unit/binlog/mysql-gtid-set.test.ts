import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GtidSetError } from '../../../src/binlog/protocol/gtid/gtid-set-error.js';
import {
  decodeMysqlGtidSet,
  encodeMysqlGtidSet,
} from '../../../src/binlog/protocol/gtid/mysql-gtid-binary.js';
import { MysqlGtidSet } from '../../../src/binlog/protocol/gtid/mysql-gtid-set.js';

const A = '31f00f00-e53e-11f1-a188-02fc00000001';
const B = '33dbfaac-e53e-11f1-acc3-02fc00000001';

/** A set as a list of all its transactions: slow, and hard to get wrong. */
type Model = Set<string>;

const transaction = fc.record({
  uuid: fc.constantFrom(A, B, '00000000-0000-0000-0000-000000000000'),
  tag: fc.constantFrom('', 'mytag', '_x9'),
  first: fc.integer({ min: 1, max: 40 }),
  length: fc.integer({ min: 1, max: 12 }),
});
type Range = { uuid: string; tag: string; first: number; length: number };
const ranges = fc.array(transaction, { maxLength: 25 });

function build(from: readonly Range[]): [MysqlGtidSet, Model] {
  const [set, model] = [new MysqlGtidSet(), new Set<string>()];
  for (const { uuid, tag, first, length } of from) {
    set.add({ uuid, tag }, BigInt(first), BigInt(first + length));
    for (let gno = first; gno < first + length; gno++) model.add(`${uuid}:${tag}:${gno}`);
  }
  return [set, model];
}

function modelOf(set: MysqlGtidSet): Model {
  const model = new Set<string>();
  for (const [{ uuid, tag }, numbers] of set.entries()) {
    for (let i = 0; i < numbers.length; i++) {
      // Each interval ends before the next one begins, or they would be one.
      if (i > 0) expect(numbers.startAt(i)).toBeGreaterThan(numbers.endAt(i - 1));
      for (let gno = numbers.startAt(i); gno < numbers.endAt(i); gno++) model.add(`${uuid}:${tag}:${gno}`);
    }
  }
  return model;
}

describe('a set of MySQL GTIDs', () => {
  test('holds what was added, in whatever order and however it overlapped', () => {
    fc.assert(
      fc.property(ranges, (added) => {
        const [set, model] = build(added);
        expect(modelOf(set)).toEqual(model);
        expect(set.count).toBe(BigInt(model.size));
        expect(set.isEmpty).toBe(model.size === 0);
        for (const { uuid, tag, first, length } of added) {
          for (const gno of [first - 1, first, first + length])
            expect(set.has({ uuid, tag }, BigInt(gno))).toBe(model.has(`${uuid}:${tag}:${gno}`));
        }
      }),
    );
  });

  test('is united, subtracted and compared as lists of transactions are', () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const [a, modelA] = build(left);
        const [b, modelB] = build(right);
        const text = [String(a), String(b)];
        expect(modelOf(a.union(b))).toEqual(new Set([...modelA, ...modelB]));
        expect(modelOf(a.subtract(b))).toEqual(new Set([...modelA].filter((each) => !modelB.has(each))));
        expect(a.contains(b)).toBe([...modelB].every((each) => modelA.has(each)));
        expect(a.equals(b)).toBe(modelA.size === modelB.size && a.contains(b));
        expect(a.union(b).contains(a)).toBe(true);
        expect(a.subtract(a).isEmpty).toBe(true);
        expect([...modelOf(a.ofServer(A))]).toEqual([...modelOf(a)].filter((each) => each.startsWith(A)));
        expect([String(a), String(b)]).toEqual(text);
      }),
    );
  });

  test('is the same after printing and parsing, and after encoding and decoding', () => {
    fc.assert(
      fc.property(ranges, (added) => {
        const [set] = build(added);
        expect(MysqlGtidSet.parse(String(set)).equals(set)).toBe(true);
        expect(decodeMysqlGtidSet(encodeMysqlGtidSet(set)).equals(set)).toBe(true);
      }),
    );
  });

  test('is read from all forms that servers and dumps print', () => {
    const wanted = `${A}:1-8:10,${B}:1-3:mytag:1`;
    for (const text of [
      wanted,
      `${A}:1-8:10,\n${B}:1-3:mytag:1`,
      ` ${A.toUpperCase()}:10:1-5:6-8 ,\r\n\t${B} : 1-3 : MyTag : 1 ,`,
      `+${A}:1-8:10,\n${B}:1-3,${B}:mytag:1`,
      `${A.replaceAll('-', '')}:1-8:10,${B}:mytag:1,${B}:1-3`,
    ]) {
      expect(String(MysqlGtidSet.parse(text))).toBe(wanted);
    }
    for (const text of ['', ' \n', ',']) expect(MysqlGtidSet.parse(text).isEmpty).toBe(true);
    const last = `${A}:9223372036854775806`;
    expect(String(MysqlGtidSet.parse(last))).toBe(last);
  });

  test.each([
    'nonsense',
    A,
    `${A}:`,
    `${A}:0`,
    `${A}:5-3`,
    `${A}:1-`,
    `${A}:-1`,
    `${A}:9223372036854775807`,
    `${A}:1:tag`,
    `${A}:tag:other:1`,
    `${A}:9tag:1`,
    `${A}:${'t'.repeat(33)}:1`,
    `${A}x:1`,
    `${A}:1 2`,
    '0-1001-6',
  ])('says what is wrong with %s', (text) => {
    expect(() => MysqlGtidSet.parse(text)).toThrow(GtidSetError);
    expect(() => MysqlGtidSet.parse(text)).toThrow(/is no set of GTIDs: .+\.$/);
  });
});

describe('the binary form', () => {
  test('is that of a replica that resumes', () => {
    const hex = `0100000000000000${A.replaceAll('-', '')}010000000000000001000000000000000900000000000000`;
    const bytes = Buffer.from(hex, 'hex');
    expect(String(decodeMysqlGtidSet(bytes))).toBe(`${A}:1-8`);
    expect(encodeMysqlGtidSet(MysqlGtidSet.parse(`${A}:1-8`))).toEqual(bytes);
    expect(encodeMysqlGtidSet(new MysqlGtidSet())).toEqual(Buffer.alloc(8));
  });

  test('is that of MySQL 9.7 when there are tags', () => {
    const uuid = B.replaceAll('-', '');
    const hex =
      `0102000000000001${uuid}00010000000000000001000000000000000400000000000000` +
      `${uuid}0a6d79746167010000000000000001000000000000000200000000000000`;
    const bytes = Buffer.from(hex, 'hex');
    expect(bytes.length).toBe(0x5f);
    expect(String(decodeMysqlGtidSet(bytes))).toBe(`${B}:1-3:mytag:1`);
    expect(encodeMysqlGtidSet(MysqlGtidSet.parse(`${B}:1-3:mytag:1`))).toEqual(bytes);
  });

  test('is refused when it is cut, has more behind it, or intervals out of order', () => {
    const bytes = encodeMysqlGtidSet(MysqlGtidSet.parse(`${A}:1-8:10-12,${B}:t:5`));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeMysqlGtidSet(bytes.subarray(0, length))).toThrow(GtidSetError);
    expect(() => decodeMysqlGtidSet(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(GtidSetError);
    for (const [first, second] of [
      [
        [1n, 5n],
        [5n, 6n],
      ],
      [
        [5n, 6n],
        [1n, 2n],
      ],
      [
        [0n, 2n],
        [3n, 4n],
      ],
      [
        [2n, 2n],
        [3n, 4n],
      ],
      [
        [1n, 2n],
        [3n, 2n ** 63n],
      ],
    ]) {
      const wrong = Buffer.alloc(8 + 16 + 8 + 32);
      wrong[0] = 1;
      wrong[24] = 2;
      [...first!, ...second!].forEach((value, i) => wrong.writeBigUInt64LE(value, 32 + 8 * i));
      expect(() => decodeMysqlGtidSet(wrong)).toThrow('Malformed GTID set encoding.');
    }
  });

  test('is refused without trying, however many entries it announces', () => {
    const announced = Buffer.alloc(8, 0xff);
    announced[7] = 0;
    expect(() => decodeMysqlGtidSet(announced)).toThrow(GtidSetError);
  });

  test('never fails in another way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const set = decodeMysqlGtidSet(Buffer.from(bytes));
          expect(decodeMysqlGtidSet(encodeMysqlGtidSet(set)).equals(set)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(GtidSetError);
        }
      }),
    );
  });
});
