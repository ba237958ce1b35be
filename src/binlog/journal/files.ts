import { constants } from 'node:fs';
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** Marks a file that is not complete yet; what is left of one is removed when a journal is opened. */
export const UNFINISHED = '.new';

/** Makes names that were created, changed or removed in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function writeFully(
  handle: FileHandle,
  bytes: Buffer,
  start: number,
  end: number,
  position: number,
): Promise<void> {
  for (let at = start; at < end;) {
    const { bytesWritten } = await handle.write(bytes, at, end - at, position + (at - start));
    at += bytesWritten;
  }
}

/** Answers how many bytes there were, fewer only at the file's end. */
export async function readFully(
  handle: FileHandle,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return read;
}

/** A file in place of the old one, durably: after a crash it is the one or the other. */
export async function replaceFile(path: string, content: Buffer | string): Promise<void> {
  const handle = await open(path + UNFINISHED, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(path + UNFINISHED, path);
  await syncDirectory(dirname(path));
}

/** As `replaceFile`, for a file that can be made again: a crash may leave it damaged or missing. */
export async function replaceCheaply(path: string, content: string): Promise<void> {
  await writeFile(path + UNFINISHED, content);
  await rename(path + UNFINISHED, path);
}

/** A value as JSON, behind its checksum. */
export function sealJson(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, '0')}\n${json}\n`;
}

/** The value of a file of `sealJson`; null when there is no such file, undefined when it is damaged. */
export async function readSealedJson(path: string): Promise<unknown> {
  const text = await readIfThere(path);
  if (text === null) return null;
  const [checksum, json = ''] = text.split('\n');
  if (checksum !== crc32(json).toString(16).padStart(8, '0')) return undefined;
  return JSON.parse(json) as unknown;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
