/** Writes the types of what the API answers, for the tests: `npm run sdk`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLEnumType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { format } from 'prettier';

const root = new URL('..', import.meta.url).pathname;
const target = process.argv[2] ?? join(root, 'test/harness/generated/answers.ts');
const HEADER = '// Written by `npm run sdk` from schema/schema.graphql; not to be changed by hand.\n';
/** As JSON carries them; all other scalars are texts. */
const SCALARS: Readonly<Record<string, string>> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  JSONObject: 'Readonly<Record<string, unknown>>',
};

const schema = buildSchema(readFileSync(join(root, 'schema/schema.graphql'), 'utf8'));
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objects = types.filter((type) => isObjectType(type) || isInterfaceType(type));
const answered = new Set(
  objects.flatMap((type) => Object.values(type.getFields()).map((field) => getNamedType(field.type))),
);
const parts = [
  '/** What a request answers, whatever it asks for: a field that it did not ask for is not there. */',
  'export type Answer = Query & Mutation;',
  // Others are for inputs only.
  ...types
    .filter((type) => isEnumType(type))
    .filter((type) => answered.has(type))
    .map(enumType),
  ...objects.map(objectType),
];
const options = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8')) as object;
writeFileSync(target, await format(HEADER + parts.join('\n\n'), { ...options, parser: 'typescript' }));

function enumType(type: GraphQLEnumType): string {
  return `export type ${type.name} = ${type
    .getValues()
    .map(({ name }) => `'${name}'`)
    .join(' | ')};`;
}

function objectType(type: GraphQLObjectType | GraphQLInterfaceType): string {
  const fields = Object.values(type.getFields()).map(
    (field) => `readonly ${field.name}: ${typeOf(field.type)};`,
  );
  return `export interface ${type.name} { ${fields.join('\n')} }`;
}

function typeOf(type: GraphQLOutputType): string {
  return isNonNullType(type) ? known(type.ofType as GraphQLOutputType) : `${known(type)} | null`;
}

function known(type: GraphQLOutputType): string {
  if (isListType(type)) return `readonly (${typeOf(type.ofType as GraphQLOutputType)})[]`;
  if (isScalarType(type)) return SCALARS[type.name] ?? 'string';
  if (isUnionType(type))
    return type
      .getTypes()
      .map(({ name }) => name)
      .join(' | ');
  if (isObjectType(type) || isInterfaceType(type) || isEnumType(type)) return type.name;
  throw new Error(`No type for ${String(type)}.`);
}
