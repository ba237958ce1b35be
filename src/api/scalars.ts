import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

function parse(value: unknown): bigint {
  const safe = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (!safe && !(typeof value === 'string' && /^-?\d{1,19}$/.test(value))) {
    throw new GraphQLError(`BigInt takes a decimal string or a safe integer, not ${JSON.stringify(value)}.`);
  }
  const parsed = BigInt(value as string | number | bigint);
  if (parsed > MAX || parsed < MIN) throw new GraphQLError(`${parsed} does not fit into 64 bits.`);
  return parsed;
}

/** 64-bit integers; JSON numbers would lose digits above 2^53. */
export const BigIntScalar = new GraphQLScalarType<bigint, string>({
  name: 'BigInt',
  description: 'A 64-bit integer: in answers a decimal string; in input a decimal string or a safe integer.',
  serialize: (value) => String(parse(value)),
  parseValue: parse,
  parseLiteral: (node) => {
    if (node.kind === Kind.INT || node.kind === Kind.STRING) return parse(node.value);
    throw new GraphQLError('BigInt takes a decimal string or a safe integer.', { nodes: node });
  },
});

/** RFC 3339 in UTC. */
export const DateTimeScalar = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'A moment in time as RFC 3339 text in UTC, e.g. `2026-01-31T12:00:00.000Z`.',
});

/** Fields by name, of any shape. */
export const JsonObjectScalar = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  name: 'JSONObject',
  description: 'A JSON object of any shape.',
  specifiedByURL: null,
});
