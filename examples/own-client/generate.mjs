// Writes a typed client for the queries in queries.graphql: types by graphql-codegen, and one function for each.
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse, print } from 'graphql';

const here = (name) => new URL(name, import.meta.url);
const schema = parse(readFileSync(here('../../schema/schema.graphql'), 'utf8'));
const document = parse(readFileSync(here('queries.graphql'), 'utf8'));

const types = await codegen({
  filename: 'client.ts',
  schema,
  documents: [{ location: 'queries.graphql', document }],
  config: {
    // How 64-bit numbers and times travel in JSON.
    scalars: {
      BigInt: { input: 'string | number', output: 'string' },
      DateTime: 'string',
      JSONObject: 'Record<string, unknown>',
    },
    skipTypename: true,
  },
  plugins: [{ typescriptOperations: {} }],
  pluginMap: { typescriptOperations },
});

const functions = document.definitions.map((definition) => {
  const name = definition.name.value;
  const type = `${name[0].toUpperCase()}${name.slice(1)}Query`;
  return `export function ${name}(url: string, variables: ${type}Variables): Promise<${type}> {
  return ask(url, ${JSON.stringify(print(definition))}, variables);
}
`;
});

const ask = `async function ask<T>(url: string, query: string, variables: object): Promise<T> {
  const answer = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: T; errors?: { message: string }[] };
  if (errors || !data) throw new Error(errors?.map(({ message }) => message).join(' ') ?? 'No data came.');
  return data;
}
`;

const target = process.argv[2] ?? here('client.ts');
writeFileSync(target, `// Written by generate.mjs.\n${[types, ask, ...functions].join('\n')}`);
