import { execFileSync } from 'node:child_process';
import { atExit } from '../servers/at-exit.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../servers/tmp.js';

const mounted: string[] = [];

// A test that fails or is ended may leave some mounted, and their folders could not be removed. What still uses one keeps it.
atExit(() => {
  for (const directory of mounted.splice(0)) {
    execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' });
    removeTemporaryDirectory(directory);
  }
});

/** A file system of that size, or null where one may not be mounted. */
export function smallDisk(megabytes: number): string | null {
  const directory = temporaryDirectory('small-disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  mounted.push(directory);
  return directory;
}

export function removeSmallDisks(): void {
  for (const directory of mounted.splice(0)) {
    execFileSync('umount', [directory]);
    removeTemporaryDirectory(directory);
  }
}
