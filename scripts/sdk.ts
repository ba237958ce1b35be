/** Writes the generated part of the SDK from the schema and its operations: `npm run sdk`. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import {
  buildSchema,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import { format } from 'prettier';

const root = new URL('..', import.meta.url).pathname;
const source = join(root, 'schema');
const target = process.argv[2] ?? join(root, 'src/sdk/generated');
const HEADER = '// Written by `npm run sdk` from schema/; not to be changed by hand.\n';

const schema = buildSchema(readFileSync(join(source, 'schema.graphql'), 'utf8'));
const documents = readdirSync(join(source, 'operations'))
  .sort()
  .map((name) => {
    const location = join(source, 'operations', name);
    return { location, document: parse(readFileSync(location, 'utf8'), { noLocation: true }) };
  });

mkdirSync(target, { recursive: true });
await write('types.ts', await types());
await write('documents.ts', documentsTable());
await write('objects.ts', objects());
await write('methods.ts', methods());

async function write(name: string, text: string): Promise<void> {
  const options = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8')) as object;
  writeFileSync(join(target, name), await format(HEADER + text, { ...options, parser: 'typescript' }));
}

function types(): Promise<string> {
  const config = {
    strictScalars: true,
    scalars: {
      ID: { input: 'string', output: 'string' },
      BigInt: { input: 'string | number', output: 'string' },
      DateTime: { input: 'string', output: 'string' },
      JSONObject: { input: 'Readonly<Record<string, unknown>>', output: 'Readonly<Record<string, unknown>>' },
    },
    enumType: 'string-literal',
    useTypeImports: true,
    skipTypename: true,
    arrayInputCoercion: false,
    immutableTypes: true,
    preResolveTypes: true,
    // A fragment is one type, which operations refer to; expanded, they would double the file.
    inlineFragmentTypes: 'combine',
  };
  return codegen({
    filename: 'types.ts',
    schema: parse(readFileSync(join(source, 'schema.graphql'), 'utf8')),
    documents,
    config,
    plugins: [{ typescriptOperations: {} }],
    pluginMap: { typescriptOperations },
  });
}

/** Every operation as text, composed of the fragments that it needs and no others. */
function documentsTable(): string {
  const constants = [...fragments().values()].map(
    (fragment) => `const ${fragment.name.value} = ${quote(fragment)};`,
  );
  const entries = operations().map((operation) => {
    const parts = [quote(operation), ...fragmentsOf(operation)].join(' + ');
    return `${nameOf(operation)}: { kind: '${operation.operation}', field: '${fieldOf(operation).name.value}', text: ${parts} },`;
  });
  return `${constants.join('\n')}\nexport const documents = {\n${entries.join('\n')}\n} as const;`;
}

/** The shape of the client: one method per operation, described as its field is. */
function methods(): string {
  const described = operations().map((operation) => {
    const type = `types.${typeOf(operation)}`;
    const required = (operation.variableDefinitions ?? []).some(
      ({ type: { kind } }) => kind === Kind.NON_NULL_TYPE,
    );
    const variables = `variables${required ? '' : '?'}: ${type}Variables`;
    const answer = `${type}['${fieldOf(operation).name.value}']`;
    const returns =
      operation.operation === 'subscription' ? `AsyncIterableIterator<${answer}>` : `Promise<${answer}>`;
    return `/** ${descriptionOf(operation)} */\n${nameOf(operation)}(${variables}, options?: CallOptions): ${returns};`;
  });
  return `import type { CallOptions } from '../options.js';\nimport type * as types from './types.js';\n
    /** One method for each operation. */
    export interface Operations {\n${described.join('\n\n')}\n}`;
}

/** Short names for what the fragments ask of each type: `Group` for GroupFieldsFragment. */
function objects(): string {
  const aliases = [...fragments().values()].map(({ name, typeCondition }) => {
    const type = typeCondition.name.value;
    return `/** ${oneLine(schema.getType(type)?.description)} */\nexport type ${type} = types.${capital(name.value)}Fragment;`;
  });
  return `import type * as types from './types.js';\n\n${aliases.join('\n\n')}`;
}

function operations(): OperationDefinitionNode[] {
  return definitions().filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
}

function fragments(): Map<string, FragmentDefinitionNode> {
  const all = definitions().filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  return new Map(all.map((fragment) => [fragment.name.value, fragment]));
}

function definitions(): DocumentNode['definitions'] {
  return documents.flatMap(({ document }) => document.definitions);
}

function fragmentsOf(node: OperationDefinitionNode | FragmentDefinitionNode): Set<string> {
  const found = new Set<string>();
  visit(node, {
    FragmentSpread({ name: { value } }) {
      found.add(value);
      const fragment = fragments().get(value);
      if (!fragment) throw new Error(`There is no fragment "${value}".`);
      for (const inner of fragmentsOf(fragment)) found.add(inner);
    },
  });
  return found;
}

function quote(node: OperationDefinitionNode | FragmentDefinitionNode): string {
  return `'${stripIgnoredCharacters(print(node))}'`;
}

function nameOf({ name }: OperationDefinitionNode): string {
  if (!name) throw new Error('Every operation needs a name.');
  return name.value;
}

function typeOf(operation: OperationDefinitionNode): string {
  return capital(nameOf(operation)) + capital(operation.operation);
}

function fieldOf(operation: OperationDefinitionNode): FieldNode {
  const [field, ...others] = operation.selectionSet.selections;
  if (field?.kind !== Kind.FIELD || others.length > 0) {
    throw new Error(`${nameOf(operation)} must ask for exactly one field.`);
  }
  return field;
}

function descriptionOf(operation: OperationDefinitionNode): string {
  const name = fieldOf(operation).name.value;
  const field = schema.getRootType(operation.operation as OperationTypeNode)?.getFields()[name];
  if (!field) throw new Error(`The schema has no field "${name}".`);
  return oneLine(field.description);
}

function oneLine(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ');
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
