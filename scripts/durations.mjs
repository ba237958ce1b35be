// `npx vitest run --reporter=json --outputFile=FILE`, then `node scripts/durations.mjs FILE`: notes how long the test files
// take, so that the longest begin first.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_SECONDS = 10;
const root = fileURLToPath(new URL('..', import.meta.url));
const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const durations = testResults
  .map(({ name, startTime, endTime }) => [relative(root, name), Math.round((endTime - startTime) / 1_000)])
  .filter(([, seconds]) => seconds >= LEAST_SECONDS)
  .sort(([, a], [, b]) => b - a);
writeFileSync(`${root}test/durations.json`, `${JSON.stringify(Object.fromEntries(durations), null, 2)}\n`);
