import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { PROBLEM_CODES } from '../../../src/cluster/problems/codes.js';
import { finding, type Finding } from '../../../src/cluster/problems/finding.js';
import { healthOf } from '../../../src/cluster/problems/health.js';
import { ProblemBook } from '../../../src/cluster/problems/problem-book.js';

const LAGS: Finding = finding({
  code: 'MEMBER_LAGS',
  severity: 'WARNING',
  subject: 'member/m2',
  message: 'Member m2 lacks 10 bytes.',
});
function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('sdk'))
    .map((path) => readFileSync(`src/${path}`, 'utf8'));
}

const known = (): undefined => undefined;

describe('a problem', () => {
  test('stays the same one while its figures change', () => {
    let found = [LAGS];
    const book = new ProblemBook(() => found, known);
    const [before] = book.list();
    found = [{ ...LAGS, message: 'Member m2 lacks 20 bytes.' }];
    const [after] = book.list();
    expect(after).toMatchObject({
      id: before!.id,
      since: before!.since,
      message: 'Member m2 lacks 20 bytes.',
    });
  });

  test('is another one with another subject or another code', () => {
    const others = [
      { ...LAGS, subject: 'member/m3' },
      { ...LAGS, code: 'MEMBER_DOWN' as const },
    ];
    const book = new ProblemBook(() => [LAGS, ...others], known);
    expect(new Set(book.list().map(({ id }) => id)).size).toBe(3);
  });

  test('that is found twice is one, as bad as the worse, and says all', () => {
    const worse = { ...LAGS, severity: 'CRITICAL' as const, message: 'Its disk is full.' };
    const [only, ...more] = new ProblemBook(() => [LAGS, worse], known).list();
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      severity: 'CRITICAL',
      message: 'Member m2 lacks 10 bytes. Its disk is full.',
    });
  });

  test('began when a leader first found it', () => {
    const long = new Date('2026-01-01T00:00:00Z');
    expect(
      new ProblemBook(
        () => [LAGS],
        () => long,
      ).list()[0]!.since,
    ).toEqual(long);
  });

  test('that ends and comes back begins anew', async () => {
    let found = [LAGS];
    const book = new ProblemBook(() => found, known);
    const [first] = book.list();
    found = [];
    expect(book.list()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 2));
    found = [LAGS];
    expect(+book.list()[0]!.since).toBeGreaterThan(+first!.since);
  });

  test('tells its followers when its figures change, and not when nothing does', () => {
    let found = [LAGS];
    const book = new ProblemBook(() => found, known);
    let told = 0;
    book.subscribe(() => told++);
    book.list();
    book.list();
    found = [{ ...LAGS, message: 'Member m2 lacks 20 bytes.' }];
    book.list();
    expect(told).toBe(2);
  });
});

test('health follows the worst severity', () => {
  expect(healthOf([])).toBe('OK');
  expect(healthOf([LAGS])).toBe('DEGRADED');
  expect(healthOf([LAGS, { severity: 'CRITICAL' }])).toBe('DOWN');
});

test('docs/operating.md says for every code that is found what leads out', () => {
  const document = readFileSync('docs/operating.md', 'utf8');
  const texts = sources();
  for (const code of Object.keys(PROBLEM_CODES)) {
    const isFound = texts.some((text) => text.includes(`'${code}'`));
    expect(document.includes(`| \`${code}\` `), code).toBe(isFound);
  }
});

test('every mutation that a remedy names is one', () => {
  const mutations = buildSchema(readFileSync('schema/schema.graphql', 'utf8')).getMutationType()!.getFields();
  const named = sources().flatMap((text) =>
    [...text.matchAll(/\bmutation: '(\w+)'/g)].map(([, name]) => name!),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in mutations))).toEqual([]);
});
