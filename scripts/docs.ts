/** Writes the documents that are made from the code, settings and metrics: `npm run docs [DIRECTORY]`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { metricsDocument } from './docs/metrics.js';
import { settingsDocument } from './docs/settings.js';

const root = new URL('..', import.meta.url).pathname;
const target = process.argv[2] ?? join(root, 'docs');
const HEADER = '<!-- Written by `npm run docs` from the code; not to be changed by hand. -->\n\n';

await write('settings.md', settingsDocument());
await write('metrics.md', metricsDocument());

async function write(name: string, text: string): Promise<void> {
  const options = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8')) as object;
  writeFileSync(join(target, name), await format(HEADER + text, { ...options, parser: 'markdown' }));
}
