import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The file of a program, or undefined when there is none. Servers are often not on a user's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
