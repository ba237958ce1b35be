import { accessSync, constants, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the install script puts what is large and the same for every run: QUORATE_TEST_CACHE, or a default. */
export const CACHE = process.env['QUORATE_TEST_CACHE'] ?? '/var/cache/quorate-test';

/** A folder of the cache that this user may write to; somewhere temporary for those who may not. */
export function writableCache(name: string): string {
  const own = join(tmpdir(), `quorate-test-cache-${process.getuid?.() ?? 'user'}`);
  for (const base of [CACHE, own]) {
    const directory = join(base, name);
    try {
      mkdirSync(directory, { recursive: true });
      accessSync(directory, constants.W_OK);
      return directory;
    } catch (error) {
      if (base === own) throw error;
    }
  }
  throw new Error('There is no folder for test data.');
}
