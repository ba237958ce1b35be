import { proxyCommandOptions, serveOptions } from './options.js';

/** What is read elsewhere: the configuration file, and what the command line asks a member with. */
const ELSEWHERE = ['QUORATE_CONFIG', 'QUORATE_URL', 'QUORATE_TOKEN', 'QUORATE_PASSWORD'];

/** Variables that look like ours and that nothing reads: misspelt, most likely. Sorted. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([
    ...ELSEWHERE,
    ...[...Object.values(serveOptions), ...Object.values(proxyCommandOptions)].map((option) => option.env),
  ]);
  return Object.keys(env)
    .filter((name) => name.startsWith('QUORATE_') && !known.has(name))
    .sort();
}
