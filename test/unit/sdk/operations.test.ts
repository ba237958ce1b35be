import { readFileSync } from 'node:fs';
import { buildSchema, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { limitRules } from '../../../src/api/limits.js';
import { documents } from '../../../src/sdk/generated/documents.js';
import { bundleSdk } from '../../harness/servers/browser-sdk.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
const schema = buildSchema(readFileSync(`${ROOT}schema/schema.graphql`, 'utf8'));
const all = Object.entries(documents);

describe('the operations of the SDK', () => {
  test('cover every field of the schema', () => {
    for (const kind of ['query', 'mutation', 'subscription'] as const) {
      const asked = new Set(all.filter(([, d]) => d.kind === kind).map(([, { field }]) => field));
      const root = {
        query: schema.getQueryType(),
        mutation: schema.getMutationType(),
        subscription: schema.getSubscriptionType(),
      };
      expect([...asked].sort()).toEqual(Object.keys(root[kind]!.getFields()).sort());
    }
  });

  test.each(all)(
    '%s passes the rules and limits of the service, and holds no fragment in vain',
    (name, { kind, text }) => {
      const document = parse(text);
      expect(validate(schema, document, [...specifiedRules, ...limitRules])).toEqual([]);
      expect(getOperationAST(document)).toMatchObject({ operation: kind, name: { value: name } });
    },
  );

  test('of mutations all ask for what was turned down, the revision and the proposal', () => {
    for (const [, { kind, text }] of all) {
      if (kind !== 'mutation') continue;
      expect(text).toMatch(/^mutation [^{]*\{\w+\([^)]*\)\{\.\.\.payloadFields[ }]/);
      expect(text).toMatch(
        /fragment payloadFields on Payload\{userErrors\{\.\.\.userErrorFields\}revision proposal\{\.\.\.proposalFields\}\}/,
      );
    }
  });

  test('ask for all arguments of their field under their own names', () => {
    for (const [name, { kind, field, text }] of all) {
      if (name === 'journalSegments') continue;
      const root = {
        query: schema.getQueryType(),
        mutation: schema.getMutationType(),
        subscription: schema.getSubscriptionType(),
      }[kind]!;
      const variables = getOperationAST(parse(text))!.variableDefinitions!.map(
        ({ variable }) => variable.name.value,
      );
      expect(variables.sort(), name).toEqual(
        root
          .getFields()
          [field]!.args.map((arg) => arg.name)
          .sort(),
      );
    }
  });
});

test('the SDK for browsers is small and holds neither graphql nor anything of Node.js', async () => {
  const { code, modules, imports } = await bundleSdk('es');
  expect(imports).toEqual([]);
  const packages = modules
    .filter((id) => id.includes('node_modules'))
    .map((id) => /node_modules\/([^/]+)/.exec(id)?.[1]);
  expect([...new Set(packages)]).toEqual(['graphql-ws']);
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(16_000);
});
