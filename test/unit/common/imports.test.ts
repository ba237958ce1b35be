import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../src', import.meta.url));

/** Every file of the program, with the files that it imports, types included. */
function importsOfFiles(): Map<string, string[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(root, file));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .flatMap(({ fileName }) => {
      const path = resolve(dirname(file), fileName).replace(/\.js$/, '');
      return [`${path}.ts`, `${path}.tsx`].find(existsSync) ?? [];
    });
}

/** The first file that is met again on the way down from it, with that way; null when there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): string[] | null => {
    if (done.has(file)) return null;
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    way.push(file);
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next);
      if (circle) return circle;
    }
    way.pop();
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle.map((each) => relative(root, each));
  }
  return null;
}

test('no file imports itself by way of others, types included', () => {
  const imports = importsOfFiles();
  expect(imports.get(join(root, 'main.ts'))).not.toEqual([]);
  expect(imports.size).toBeGreaterThan(500);
  expect(findCircle(imports)).toBeNull();
});

test('a circle is found, and named by its way', () => {
  const [a, b, c] = ['a.ts', 'b.ts', 'c.ts'].map((name) => join(root, name)) as [string, string, string];
  expect(
    findCircle(
      new Map([
        [a, [b]],
        [b, [c]],
        [c, [b]],
      ]),
    ),
  ).toEqual(['b.ts', 'c.ts', 'b.ts']);
});
