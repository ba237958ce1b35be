import { readFileSync } from 'node:fs';
import { buildSchema, execute, getOperationAST, parse, type ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Services } from '../../../src/api/context.js';
import { executeInSlices } from '../../../src/api/execute-in-slices.js';
import { tooCostly } from '../../../src/api/query-cost.js';
import { MAX_ANSWER_BYTES, stringifyInSlices } from '../../../src/api/stringify.js';
import { documents } from '../../../src/sdk/generated/documents.js';
import { EXAMPLES } from '../../../src/web/playground/examples.js';

const schema = buildSchema(readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));

/** What the lengths of lists are asked of, in a cluster that is larger than most. */
const services = {
  topology: {
    groups: () => Array.from({ length: 100 }, () => ({ value: { servers: [1, 2, 3] } })),
    proxies: () => Array.from({ length: 100 }),
  },
  membership: { members: Array.from({ length: 5 }) },
  problems: { list: () => Array.from({ length: 50 }) },
  binlog: {
    view: { servers: () => Array.from({ length: 3 }) },
    slaves: () => [],
    journal: { segmentCount: 1_000 },
  },
} as unknown as Services;

function refusal(text: string, variables: Record<string, unknown> = {}): string | null {
  const document = parse(text);
  const operation = getOperationAST(document, null) ?? (document.definitions[0] as never);
  return tooCostly(schema, document, operation, variables, services)?.message ?? null;
}

describe('the cost of a query', () => {
  test.each(Object.entries(documents))('lets the SDK ask %s', (_, { text }) => {
    expect(refusal(text, { first: 200 })).toBeNull();
  });

  test('lets the examples of the playground be asked', () => {
    for (const example of EXAMPLES) {
      const document = parse(example);
      for (const definition of document.definitions) {
        if (definition.kind !== 'OperationDefinition') continue;
        expect(tooCostly(schema, document, definition, {}, services)).toBeNull();
      }
    }
  });

  const SLOT = 'number group { number servers { address role } } operation { id }';

  test.each([
    ['many times all slots', Array.from({ length: 30 }, (_, i) => `a${i}: slots { ${SLOT} }`).join(' ')],
    [
      'the same by fragments',
      '...A ...B } fragment A on Query { a: slots { ...S } b: slots { ...S } c: slots { ...S } d: slots { ...S } e: slots { ...S } } ' +
        `fragment B on Query { f: slots { ...S } g: slots { ...S } h: slots { ...S } i: slots { ...S } j: slots { ...S } } fragment S on Slot { ${SLOT}`,
    ],
    [
      'pages of pages',
      Array.from(
        { length: 30 },
        (_, i) =>
          `a${i}: operations(first: 500) { nodes { id type state target { ... on Slot { number } } startedAt endedAt createdAt: startedAt } }`,
      ).join(' '),
    ],
  ])('counts the length of lists: %s', (_, fields) => {
    expect(refusal(`{ ${fields} }`)).toMatch(/costs more than/);
  });

  test.each(['first', 'last'])(
    'prices a page by %s, whether its nodes or its edges are asked for',
    (size) => {
      const page = (length: number, of: string): string =>
        `{ ${Array.from({ length: 10 }, (_, i) => `a${i}: actions(${size}: ${length}) { ${of} }`).join(' ')} }`;
      const fields = Array.from({ length: 30 }, (_, i) => `f${i}: target`).join(' ');
      for (const of of [`nodes { ${fields} }`, `edges { node { ${fields} } }`]) {
        expect(refusal(page(10, of))).toBeNull();
        expect(refusal(page(500, of))).toMatch(/costs more than/);
      }
    },
  );

  test('goes by what is asked for, by variables too', () => {
    const query = `query ($to: Int) { ${Array.from({ length: 30 }, (_, i) => `a${i}: slots(from: 0, to: $to) { ${SLOT} }`).join(' ')} }`;
    expect(refusal(query, { to: 9 })).toBeNull();
    expect(refusal(query, { to: 1023 })).toMatch(/costs more than/);
    expect(refusal(query)).toMatch(/costs more than/);
  });

  test('is found without following fragments that double each other to their end', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    );
    const text = `{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { viewer { name } }`;
    expect(refusal(text)).toMatch(/costs more than/);
  });
});

describe('execution and writing in slices', () => {
  /** Each value takes a while, as if there were many. */
  function work(): void {
    const end = performance.now() + 0.2;
    while (performance.now() < end);
  }

  const lists = buildSchema('type Query { items: [Item!]! } type Item { value: Int items: [Item!]! }');
  executeInSlices(lists);

  async function turnsDuring<T>(run: () => T | Promise<T>): Promise<{ turns: number; result: T }> {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const result = await run();
    isOver = true;
    return { turns, result };
  }

  test('the event loop turns while long lists, and lists in lists, are completed', async () => {
    const item = (depth: number): object => ({
      value: () => (work(), 1),
      items: () => (depth === 0 ? [] : Array.from({ length: 40 }, () => item(depth - 1))),
    });
    const rootValue = { items: () => Array.from({ length: 40 }, () => item(1)) };
    const document = parse('{ items { value items { value } } }');
    const { turns, result } = await turnsDuring<ExecutionResult>(() =>
      execute({ schema: lists, document, rootValue }),
    );
    expect(result.errors).toBeUndefined();
    const items = result.data!['items'] as { items: unknown[] }[];
    expect([items.length, items[39]!.items.length]).toEqual([40, 40]);
    expect(turns).toBeGreaterThan(30);
  });

  test('errors of items stay where they are', async () => {
    const items = Array.from({ length: 100 }, (_, i) => ({
      items: [],
      value: () => {
        if (i === 70) throw new Error('broken');
        return i;
      },
    }));
    const result = await execute({
      schema: lists,
      document: parse('{ items { value } }'),
      rootValue: { items },
    });
    expect(result.errors!.map(({ path }) => path)).toEqual([['items', 70, 'value']]);
    expect((result.data!['items'] as { value: number }[])[99]!.value).toBe(99);
  });

  test('an answer is written as JSON.stringify writes it, and not at all when it is too long', async () => {
    const value = {
      data: {
        list: Array.from({ length: 20_000 }, (_, i) => ({ i, text: `"${i}"\n`, no: undefined })),
        slow: Array.from({ length: 20 }, () => ({ toJSON: () => (work(), 'x'.repeat(100_000)) })),
        none: null,
        empty: [],
        at: new Date(0),
      },
      errors: undefined,
    };
    const { turns, result } = await turnsDuring(() => stringifyInSlices(value));
    expect(result).toBe(JSON.stringify(value));
    expect(turns).toBeGreaterThan(1);
    expect(await stringifyInSlices({ data: 'x'.repeat(MAX_ANSWER_BYTES) })).toBeNull();
  });
});
