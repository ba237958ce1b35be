import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Not written by us, or made by a build. */
const FOREIGN = new Set(['node_modules', 'dist', 'data', '.git', 'generated']);

export interface TextFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every file with one of these endings in the folder and those within, by the path. */
export function textsUnder(folder: string, endings: readonly string[]): TextFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !FOREIGN.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return textsUnder(path, endings);
      const isWanted = endings.some((ending) => entry.name.endsWith(ending));
      return isWanted ? [{ path, text: readFileSync(path, 'utf8') }] : [];
    });
}

/** Texts of the headings of a Markdown document, in order, without their marks of code. */
export function headingsOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, text]) =>
    text!.replaceAll('`', '').trim(),
  );
}

/** What may stand behind the `#` of a link to the document, as GitHub makes it of the headings. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headingsOf(markdown)) {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    for (let i = 0, unique = anchor; ; unique = `${anchor}-${++i}`) {
      if (anchors.has(unique)) continue;
      anchors.add(unique);
      break;
    }
  }
  return anchors;
}

/** Targets of the links and pictures of a Markdown document that lead to no other host. */
export function relativeLinksOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** A Markdown document without its blocks of code. */
export function withoutFences(markdown: string): string {
  return markdown.replace(/^```.*?^```/gms, '');
}
