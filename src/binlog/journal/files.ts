import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk, DiskFile } from './disk.js';

/** Marks a file that is not complete yet; what is left of one is removed when a journal is opened. */
export const UNFINISHED = '.new';

export async function writeFully(
  file: DiskFile,
  bytes: Buffer,
  start: number,
  end: number,
  position: number,
): Promise<void> {
  for (let at = start; at < end;) {
    const { bytesWritten } = await file.write(bytes, at, end - at, position + (at - start));
    at += bytesWritten;
  }
}

/** Answers how many bytes there were, fewer only at the file's end. */
export async function readFully(
  file: DiskFile,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return read;
}

/** A file in place of the old one, durably: after a crash it is the one or the other. */
export async function replaceFile(disk: Disk, path: string, content: string): Promise<void> {
  await writeFile(disk, path + UNFINISHED, content, true);
  await disk.rename(path + UNFINISHED, path);
  await disk.syncDirectory(dirname(path));
}

/** As `replaceFile`, for a file that can be made again: a crash may leave it damaged or missing. */
export async function replaceCheaply(disk: Disk, path: string, content: string): Promise<void> {
  await writeFile(disk, path + UNFINISHED, content, false);
  await disk.rename(path + UNFINISHED, path);
}

async function writeFile(disk: Disk, path: string, content: string, isSynced: boolean): Promise<void> {
  const bytes = Buffer.from(content);
  const file = await disk.open(path, 'w');
  try {
    await writeFully(file, bytes, 0, bytes.length, 0);
    if (isSynced) await file.sync();
  } finally {
    await file.close();
  }
}

/** The file may be gone already. */
export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** A value as JSON, behind its checksum. */
export function sealJson(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, '0')}\n${json}\n`;
}

/** The value of a file of `sealJson`; null when there is no such file, undefined when it is damaged. */
export async function readSealedJson(disk: Disk, path: string): Promise<unknown> {
  const text = await readIfThere(disk, path);
  if (text === null) return null;
  const [checksum, json = ''] = text.split('\n');
  if (checksum !== crc32(json).toString(16).padStart(8, '0')) return undefined;
  return JSON.parse(json) as unknown;
}

async function readIfThere(disk: Disk, path: string): Promise<string | null> {
  try {
    const file = await disk.open(path, 'r');
    try {
      const bytes = Buffer.alloc((await file.stat()).size);
      return bytes.toString('utf8', 0, await readFully(file, bytes, bytes.length, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
