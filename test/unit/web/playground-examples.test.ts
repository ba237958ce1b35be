import { buildSchema, Kind, parse, validate, visit } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { limitRules } from '../../../src/api/limits.js';
import { EXAMPLES } from '../../../src/web/playground/examples.js';

const schema = buildSchema(readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));

describe('the examples of the playground', () => {
  test.each(EXAMPLES.map((text) => [/(?:query|mutation) (\w+)/.exec(text)![1], text]))(
    '%s and its neighbours are valid',
    (_, text) => {
      const document = parse(text!);
      expect(validate(schema, document)).toEqual([]);
      for (const operation of document.definitions) {
        const alone = { kind: Kind.DOCUMENT, definitions: [operation] } as const;
        expect(validate(schema, alone, limitRules)).toEqual([]);
      }
    },
  );

  test('have every mutation in one of them', () => {
    const shown = new Set<string>();
    for (const text of EXAMPLES) visit(parse(text), { Field: ({ name }) => void shown.add(name.value) });
    const missing = Object.keys(schema.getMutationType()!.getFields()).filter((name) => !shown.has(name));
    expect(missing).toEqual([]);
  });
});
