import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';

const schema = buildSchema(readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));
const mutations = Object.values(schema.getMutationType()!.getFields());

/** Of the right type, and no good: there is no such thing, or it is out of range. */
const WRONG: Readonly<Record<string, unknown>> = {
  String: 'no such thing',
  ID: 'no such thing',
  Int: -1,
  BigInt: '-1',
  Boolean: false,
  DateTime: '2000-01-01T00:00:00.000Z',
};

function wrong(type: GraphQLInputType): unknown {
  const given = getNullableType(type);
  if (isListType(given)) return [wrong(given.ofType)];
  if (isEnumType(given)) return given.getValues()[0]!.name;
  if (!isInputObjectType(given)) return WRONG[String(given)];
  const fields = Object.values(given.getFields()).filter(
    (field) => isNonNullType(field.type) || !isInputObjectType(field.type),
  );
  return Object.fromEntries(fields.map((field) => [field.name, wrong(field.type)]));
}

function documentOf({ name, args, type }: GraphQLField<unknown, unknown>): string {
  const payload = getNamedType(type);
  if (!isObjectType(payload)) throw new Error(`${payload.name} is no object.`);
  const asked = Object.values(payload.getFields()).map((field) => {
    if (field.name === 'userErrors') return 'userErrors { code path message }';
    return isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name;
  });
  return `mutation ($input: ${args[0]!.type}) { ${name}(input: $input) { ${asked.join(' ')} } }`;
}

let member: QuorateMember;
beforeAll(async () => {
  member = await QuorateMember.start();
  await member.run('mutation { initSlots { userErrors { message } } }');
});
afterAll(() => member?.stop());

describe('a mutation that is turned down answers nothing but why', () => {
  test.each(mutations.map((mutation) => [mutation.name, mutation] as const))('%s', async (name, mutation) => {
    const input = wrong(mutation.args[0]!.type);
    const { data, errors } = await member.ask<Record<string, Record<string, unknown>>>(documentOf(mutation), {
      input,
    });
    expect(errors).toBeUndefined();
    const { userErrors, ...rest } = data![name]!;
    expect(userErrors).not.toEqual([]);
    for (const [field, value] of Object.entries(rest)) {
      expect([null, 0, '', '[]'], `${name}.${field}`).toContain(
        Array.isArray(value) ? JSON.stringify(value) : value,
      );
    }
  });
});
