import { constants } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A file in place of an old one, if there is one: after a crash it is the one or the other, and after this resolves the new
 * one. Makes the directory when it is not there, for its owner only.
 */
export async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, content, { mode, flush: true });
  await rename(`${path}.new`, path);
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
