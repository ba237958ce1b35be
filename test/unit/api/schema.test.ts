import { readdirSync, readFileSync } from 'node:fs';
import {
  buildSchema as parseSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema, schemaText } from '../../../src/api/schema.js';

const committed = new URL('../../../schema/schema.graphql', import.meta.url);
const contract = new URL('../../fixtures/contract.graphql', import.meta.url);

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema();
});

function ownTypes() {
  return Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
}

/** Every method of a resolver that takes arguments, as `name(argument, argument)` in the order of the source. */
function argumentsIn(source: string): string[] {
  const found: { method: string; args: string[] }[] = [];
  for (const [, method, arg] of source.matchAll(/^  (?:async )?(\w+)\(|@Arg\('(\w+)'/gm)) {
    if (method) found.push({ method, args: [] });
    else found.at(-1)!.args.push(arg!);
  }
  return found
    .filter(({ args }) => args.length > 0)
    .map(({ method, args }) => `${method}(${args.join(', ')})`);
}

describe('the schema', () => {
  test('is committed as it is emitted', async () => {
    expect(readFileSync(committed, 'utf8')).toBe(await schemaText());
  });

  test('describes every type, field, argument and enum value', () => {
    const bare: string[] = [];
    const builtIn = new Set(['String', 'Boolean', 'Int', 'Float', 'ID']);
    for (const type of ownTypes()) {
      const root = ['Query', 'Mutation', 'Subscription'].includes(type.name);
      if (!type.description && !root && !builtIn.has(type.name)) bare.push(type.name);
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          if (!field.description) bare.push(`${type.name}.${field.name}`);
          if ('args' in field) {
            for (const arg of field.args)
              if (!arg.description) bare.push(`${type.name}.${field.name}(${arg.name})`);
          }
        }
      }
      if (isEnumType(type)) {
        for (const value of type.getValues()) if (!value.description) bare.push(`${type.name}.${value.name}`);
      }
    }
    expect(bare).toEqual([]);
  });

  test('begins every description with what it describes', () => {
    const unnamed = /^(?:What|Which|Who|Whom|How|Its|It|Of|Why|Those|Where|When|As|Was)\b/;
    const found = [...readFileSync(committed, 'utf8').matchAll(/"""\s*(.*?)\s*"""/gs)]
      .map(([, description]) => description!)
      .filter((description) => unnamed.test(description));
    expect(found).toEqual([]);
  });

  test('names a role for every query, mutation and subscription', () => {
    const storage = getMetadataStorage();
    const open = [...storage.queries, ...storage.mutations, ...storage.subscriptions]
      .filter((handler) => !handler.roles || handler.roles.length === 0)
      .map((handler) => handler.schemaName);
    expect(open).toEqual([]);
    expect(storage.mutations.length).toBeGreaterThan(20);
    const weak = storage.mutations
      .filter((handler) => handler.roles?.includes('VIEWER'))
      .map((m) => m.schemaName);
    expect(weak).toEqual([]);
  });

  test('gives every mutation an input and a payload of its own, named after it', () => {
    const mutations = Object.values(schema.getMutationType()!.getFields());
    const capital = (name: string) => name[0]!.toUpperCase() + name.slice(1);
    expect(
      mutations.map(({ name, args, type }) => [
        name,
        args.map((arg) => [arg.name, String(arg.type)]),
        String(type),
      ]),
    ).toEqual(
      mutations.map(({ name }) => [name, [['input', `${capital(name)}Input!`]], `${capital(name)}Payload!`]),
    );
    const isOf = (mutation: string, type: string) =>
      [`${capital(mutation)}Input`, `${capital(mutation)}Payload`].includes(type);
    const elsewhere = ownTypes()
      .filter((type) => /Payload$/.test(type.name) && isObjectType(type))
      .filter((type) => !mutations.some(({ name }) => isOf(name, type.name)));
    expect(elsewhere).toEqual([]);
  });

  test('has an empty value for every field of a payload: null, or an empty list', () => {
    const stuffed = Object.values(schema.getMutationType()!.getFields())
      .flatMap(({ type }) => Object.values((getNamedType(type) as GraphQLObjectType).getFields()))
      .filter(({ type }) => isNonNullType(type) && !isListType(type.ofType))
      .map(({ name }) => name);
    expect(stuffed).toEqual([]);
  });

  test('names every action by what has happened', () => {
    const type = schema.getType('ActionType');
    const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
    expect(names.filter((name) => !/(ED)$/.test(name))).toEqual([]);
  });

  test('lists the arguments of every field as its method declares them', () => {
    const resolvers = new URL('../../../src/api/resolvers/', import.meta.url);
    const declared = readdirSync(resolvers)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => argumentsIn(readFileSync(new URL(name, resolvers), 'utf8')));
    const emitted = ownTypes()
      .filter((type) => isObjectType(type))
      .flatMap((type) => Object.values(type.getFields()))
      .filter((field) => field.args.length > 0)
      .map((field) => `${field.name}(${field.args.map((arg) => arg.name).join(', ')})`);
    expect(emitted).toContain('slots(from, to, group, status)');
    expect(emitted.sort()).toEqual(declared.sort());
  });

  test('keeps the contract: nothing of it is missing or of another type', () => {
    const wanted = parseSchema(readFileSync(contract, 'utf8'));
    // As clients read it: parsed, defaults of inputs come out alike on both sides.
    const emitted = parseSchema(readFileSync(committed, 'utf8'));
    const broken: string[] = [];
    for (const type of Object.values(wanted.getTypeMap())) {
      if (type.name.startsWith('__') || isScalarType(type)) continue;
      const ours = emitted.getType(type.name);
      if (!ours) {
        broken.push(`type ${type.name}`);
        continue;
      }
      if (isEnumType(type) && isEnumType(ours)) {
        for (const { name } of type.getValues())
          if (!ours.getValue(name)) broken.push(`${type.name}.${name}`);
      }
      if (isObjectType(type) && isObjectType(ours)) {
        for (const { name } of type.getInterfaces()) {
          if (!ours.getInterfaces().some((own) => own.name === name))
            broken.push(`${type.name} implements ${name}`);
        }
      }
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        const fields = (ours as typeof type).getFields();
        for (const field of Object.values(type.getFields())) {
          const own = fields[field.name];
          const where = `${type.name}.${field.name}`;
          if (!own || String(own.type) !== String(field.type)) {
            broken.push(`${where}: ${String(own?.type)} instead of ${String(field.type)}`);
            continue;
          }
          if (!('args' in field) || !('args' in own)) {
            if (
              'defaultValue' in field &&
              JSON.stringify(field.defaultValue) !== JSON.stringify((own as typeof field).defaultValue)
            ) {
              broken.push(`${where}: another default`);
            }
            continue;
          }
          for (const arg of field.args) {
            const ownArg = own.args.find(({ name }) => name === arg.name);
            if (!ownArg || String(ownArg.type) !== String(arg.type)) {
              broken.push(`${where}(${arg.name}): ${String(ownArg?.type)} instead of ${String(arg.type)}`);
            } else if (JSON.stringify(ownArg.defaultValue) !== JSON.stringify(arg.defaultValue)) {
              broken.push(`${where}(${arg.name}): another default`);
            }
          }
        }
      }
    }
    expect(broken).toEqual([]);
  });
});
