import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Seconds by file; `node scripts/durations.mjs` writes them. Files that take less than ten seconds are not in it. */
const DURATIONS = JSON.parse(readFileSync(`${ROOT}test/durations.json`, 'utf8')) as Record<string, number>;

/** Begins with the files that take longest: begun last, one would keep its worker while the others had nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ moduleId }: TestSpecification): number => DURATIONS[relative(ROOT, moduleId)] ?? 0;
    return (await super.sort(files)).sort((a, b) => seconds(b) - seconds(a));
  }
}
