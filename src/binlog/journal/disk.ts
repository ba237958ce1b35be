import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { DirectoryLock } from './directory-lock.js';

/** What a journal does with its directory and the files in it. Errors are those of Node.js, with their `code`. */
export interface Disk {
  open(path: string, flags: 'r' | 'r+' | 'w' | 'w+'): Promise<DiskFile>;
  /** The new name is taken from the file that has it. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  stat(path: string): Promise<FileFacts>;
  /** Names, in no order. */
  list(directory: string): Promise<string[]>;
  /** With those above it; it may be there already. */
  makeDirectory(directory: string): Promise<unknown>;
  /** Makes names that were created, changed or removed in the directory durable. */
  syncDirectory(directory: string): Promise<void>;
  /** For this journal alone, until it is released. */
  lock(directory: string): Promise<DiskLock>;
}

/** A file that is open; so much of a `FileHandle` of Node.js as is used. */
export interface DiskFile {
  read(bytes: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(
    bytes: Buffer,
    at: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(size: number): Promise<void>;
  /** Makes its bytes and its size durable. */
  datasync(): Promise<void>;
  sync(): Promise<void>;
  stat(): Promise<FileFacts>;
  close(): Promise<void>;
}

export interface FileFacts {
  readonly size: number;
  readonly birthtime: Date;
  /** When it was written to last. */
  readonly mtime: Date;
}

export interface DiskLock {
  release(): Promise<void>;
}

/** The machine's own. */
export const nodeDisk: Disk = {
  open,
  rename,
  stat,
  remove: (path) => rm(path),
  list: (directory) => readdir(directory),
  makeDirectory: (directory) => mkdir(directory, { recursive: true }),
  lock: (directory) => DirectoryLock.take(directory),
  async syncDirectory(directory) {
    const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
