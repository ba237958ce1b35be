import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  anchorsOf,
  headingsOf,
  relativeLinksOf,
  textsUnder,
  withoutFences,
  type TextFile,
} from '../../harness/documents.js';

const CODE = ['.ts', '.tsx', '.mjs', '.graphql'];
const code = ['src', 'test', 'scripts', 'schema', 'examples'].flatMap((folder) => textsUnder(folder, CODE));
const documents = textsUnder('.', ['.md']);

/** A comment that goes over several lines, as one. */
function unwrapped({ text }: TextFile): string {
  return text.replace(/\s*\n\s*(?:\*|\/\/|#) ?/g, ' ');
}

interface Citation {
  readonly document: string;
  readonly rules: readonly number[];
  readonly section: string | null;
}

/** `docs/NAME.md`, with `, rule N`, `, rules N, M and O` or `, section "TITLE"` behind it. */
function citationsIn(text: string): Citation[] {
  const citation = /\b(docs\/[\w-]+\.md)(?:, rules? (\d+(?:(?:, | and )\d+)*)|, section "([^"]+)")?/g;
  return [...text.matchAll(citation)].map(([, document, rules, section]) => ({
    document: document!,
    rules: [...(rules ?? '').matchAll(/\d+/g)].map(Number),
    section: section ?? null,
  }));
}

/** What of a citation is not there; null when all of it is. */
function missing({ document, rules, section }: Citation): string | null {
  if (!existsSync(document)) return document;
  const headings = headingsOf(readFileSync(document, 'utf8'));
  const rule = rules.find((number) => !headings.some((heading) => heading.startsWith(`Rule ${number}:`)));
  if (rule !== undefined) return `${document}, rule ${rule}`;
  if (section !== null && !headings.includes(section)) return `${document}, section "${section}"`;
  return null;
}

describe('citations in the code', () => {
  test('are found in all of their forms', () => {
    expect(citationsIn('see docs/a.md, rules 1, 2 and 6. It, docs/b-c.md, section "D e", docs/f.md')).toEqual(
      [
        { document: 'docs/a.md', rules: [1, 2, 6], section: null },
        { document: 'docs/b-c.md', rules: [], section: 'D e' },
        { document: 'docs/f.md', rules: [], section: null },
      ],
    );
    expect(missing({ document: 'docs/replication.md', rules: [10], section: null })).toMatch(/rule 10$/);
    expect(missing({ document: 'docs/proxy.md', rules: [], section: 'Nothing' })).toMatch(/Nothing"$/);
    expect(missing({ document: 'docs/none.md', rules: [], section: null })).toBe('docs/none.md');
  });

  test('lead to a document, and to its rule or section', () => {
    const cited = code
      .filter(({ path }) => path !== 'test/unit/docs/citations.test.ts')
      .flatMap((file) => citationsIn(unwrapped(file)).map((citation) => ({ path: file.path, citation })));
    expect(cited.length).toBeGreaterThan(15);
    const broken = cited.flatMap(({ path, citation }) => {
      const what = missing(citation);
      return what === null ? [] : [`${path}: ${what}`];
    });
    expect(broken).toEqual([]);
  });

  test('name the document of a rule', () => {
    const bare = code
      .filter(({ path }) => path !== 'test/unit/docs/citations.test.ts')
      .flatMap((file) => {
        const text = unwrapped(file).replace(/docs\/[\w-]+\.md, rules? [\d, and]+/g, '');
        return [...text.matchAll(/\b[Rr]ules? \d+|\bDESIGN\b/g)].map(([what]) => `${file.path}: ${what}`);
      });
    expect(bare).toEqual([]);
  });

  test('of every rule of the replication are there', () => {
    const cited = new Set(
      code
        .filter(({ path }) => path.startsWith('src/'))
        .flatMap((file) => citationsIn(unwrapped(file)))
        .filter(({ document }) => document === 'docs/replication.md')
        .flatMap(({ rules }) => rules),
    );
    expect([...cited].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('documents', () => {
  test('link to what is there', () => {
    const links = documents.flatMap(({ path, text }) =>
      relativeLinksOf(text).map((target) => ({ path, target })),
    );
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(({ path, target }) => {
      const [file, anchor] = target.split('#') as [string, string | undefined];
      const to = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (!existsSync(to)) return true;
      return anchor !== undefined && to.endsWith('.md') && !anchorsOf(readFileSync(to, 'utf8')).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('begin with a README of at most 10 kB', () => {
    expect(readFileSync('README.md').length).toBeLessThanOrEqual(10_000);
  });

  test('name files of the code that are there', () => {
    const named = documents
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ path, text }) =>
        [...withoutFences(text).matchAll(/`((?:src|test|scripts)\/[^`\s]*)`/g)].map(([, name]) => ({
          path,
          name: name!,
        })),
      );
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ name }) => !existsSync(name))).toEqual([]);
  });
});
