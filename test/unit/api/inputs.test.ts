import 'reflect-metadata';
import fc from 'fast-check';
import { parseValue, GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { UpdateMemberInput } from '../../../src/api/inputs/cluster.js';
import { AddServerInput } from '../../../src/api/inputs/servers.js';
import { MoveSlotsInput, RebalanceSlotsInput } from '../../../src/api/inputs/slots.js';
import { checkArgument, validate } from '../../../src/api/inputs/validate.js';
import { BigIntScalar } from '../../../src/api/scalars.js';
import type { RefusedError } from '../../../src/common/refused.js';

const MAX = 9_223_372_036_854_775_807n;

function refusalsOf(check: () => void): RefusedError['refusals'] {
  try {
    check();
  } catch (error) {
    return (error as RefusedError).refusals;
  }
  return [];
}

describe('a BigInt', () => {
  test('is answered as a decimal string, so that no digit is lost', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MAX - 1n, max: MAX }), (value) => {
        expect(BigIntScalar.serialize(value)).toBe(String(value));
        expect(BigIntScalar.parseValue(String(value))).toBe(value);
        expect(BigIntScalar.parseLiteral(parseValue(String(value)), {})).toBe(value);
        expect(BigIntScalar.parseLiteral(parseValue(`"${value}"`), {})).toBe(value);
      }),
    );
  });

  test('is taken from numbers that are exact', () => {
    expect(BigIntScalar.parseValue(Number.MAX_SAFE_INTEGER)).toBe(9_007_199_254_740_991n);
    expect(BigIntScalar.parseValue(-0)).toBe(0n);
  });

  test.each([
    1.5,
    2 ** 53,
    Infinity,
    NaN,
    '1.0',
    '1e3',
    '0x10',
    '',
    ' 1',
    '+1',
    '１',
    true,
    null,
    [],
    {},
    ['1'],
  ])('is not taken from %j', (value) => {
    expect(() => BigIntScalar.parseValue(value)).toThrow(GraphQLError);
  });

  test.each([MAX + 1n, -MAX - 2n])('does not hold %s', (value) => {
    expect(() => BigIntScalar.parseValue(String(value))).toThrow(/64 bits/);
    expect(() => BigIntScalar.parseLiteral(parseValue(String(value)), {})).toThrow(/64 bits/);
  });

  test.each(['1.5', 'true', 'null', '[1]', '{a: 1}', 'A'])('is not written as %s', (literal) => {
    expect(() => BigIntScalar.parseLiteral(parseValue(literal), {})).toThrow(GraphQLError);
  });
});

describe('an input', () => {
  const refusals = (type: new () => object, input: object) =>
    refusalsOf(() => checkArgument(Object.assign(new type(), input), type));

  test('is refused for everything that is wrong with it at once, each with its field', () => {
    expect(refusals(AddServerInput, { group: 0, address: 'nonsense', password: '' })).toEqual([
      { code: 'INVALID_INPUT', field: ['group'], message: expect.stringContaining('1 to 9999') },
      { code: 'INVALID_INPUT', field: ['address'], message: expect.stringContaining('HOST:PORT') },
      { code: 'INVALID_INPUT', field: ['password'], message: expect.stringContaining('not empty') },
    ]);
  });

  test('is refused with the way inside a list', () => {
    const schema = z.object({ groups: z.array(z.number().min(1)) });
    const [refusal] = refusalsOf(() => validate(schema, { groups: [1, 0] }));
    expect(refusal?.field).toEqual(['groups', '1']);
  });

  test('that was left out altogether has its defaults all the same', () => {
    const input = new RebalanceSlotsInput();
    checkArgument(input, RebalanceSlotsInput);
    expect(input).toEqual({ dryRun: false, discardAtTarget: false, speed: 'GENTLE' });
  });

  test('reaches its resolver as its schema yields it', () => {
    const input = Object.assign(new UpdateMemberInput(), {
      name: 'm1',
      newPeerUrls: ['tcp://HOST:4001', 'tcp://host:4001/'],
    });
    checkArgument(input, UpdateMemberInput);
    expect(input.newPeerUrls).toEqual(['tcp://host:4001']);
  });

  test('never has its password repeated', () => {
    const password = 'hunter2'.repeat(200);
    const [refusal] = refusals(AddServerInput, { group: 1, address: 'h:1', password });
    expect(refusal?.field).toEqual(['password']);
    expect(refusal?.message).not.toContain('hunter2');
  });

  test.each([
    [{ from: 0, to: 1_023, targetGroup: 1, dryRun: false }, []],
    [{ sourceGroup: 1, count: 5, targetGroup: 2, dryRun: true }, []],
    [{ from: -1, to: 1_024, targetGroup: 1, dryRun: false }, ['from', 'to']],
    [{ sourceGroup: 1, count: 0, targetGroup: 2, dryRun: false }, ['count']],
    [{ from: 0.5, to: 1, targetGroup: 1, dryRun: false }, ['from']],
  ])('that moves slots, %j, is refused for %j', (input, fields) => {
    expect(
      refusals(MoveSlotsInput, { discardAtTarget: false, ...input }).map(({ field }) => field?.at(-1)),
    ).toEqual(fields);
  });
});

test('of forty thousand wrong values the first ten are told, and how many more there are', () => {
  const groups = Array.from({ length: 40_000 }, () => -1);
  const input = Object.assign(new RebalanceSlotsInput(), { groups });
  const errors = refusalsOf(() => checkArgument(input, RebalanceSlotsInput));
  expect(errors).toHaveLength(11);
  expect(errors[10]).toEqual({
    code: 'INVALID_INPUT',
    field: [],
    message: '39990 more values are invalid.',
  });
});
