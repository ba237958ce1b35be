import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.js';

const directories = new Set<string>();

atExit(() => {
  for (const directory of directories) {
    try {
      remove(directory);
    } catch {
      // One that something still writes to does not keep the others.
    }
  }
});

/** A fresh directory that goes away with the process, or earlier with `removeTemporaryDirectory`. */
export function temporaryDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `quorate-test-${purpose}-`));
  directories.add(directory);
  return directory;
}

export function removeTemporaryDirectory(directory: string): void {
  remove(directory);
  directories.delete(directory);
}

/** Tries again when a process that was just killed has written once more. */
function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
