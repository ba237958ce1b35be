import { JournalError } from '../../../src/binlog/journal/journal-error.js';
import type { Disk, DiskFile, DiskLock, FileFacts } from '../../../src/binlog/journal/disk.js';
import type { DiskContents } from './disk-contents.js';
import type { SimulatedInode } from './simulated-inode.js';

/** Does what is asked of a disk, when its time has come; the promise is that of who asks. */
export type Carrier = <T>(kind: 'read' | 'write' | 'sync', work: () => T) => Promise<T>;

/** At once: for those who look at a disk from outside the simulated world. */
export const atOnce: Carrier = async (_kind, work) => work();

/** A disk as one process sees it. */
export class SimulatedDisk implements Disk {
  private isLocked = false;

  constructor(
    private readonly contents: DiskContents,
    private readonly carry: Carrier,
    /** How many bytes of a write are taken: some, at the least one. */
    private readonly taken: (length: number) => number = (length) => length,
  ) {}

  open(path: string, flags: 'r' | 'r+' | 'w' | 'w+'): Promise<DiskFile> {
    return this.carry('read', () => {
      const { contents } = this;
      let inode = contents.find(path);
      if (flags.startsWith('w')) {
        if (contents.isFull) throw failure('ENOSPC', path);
        if (inode) inode.truncate(0);
        else inode = contents.create(path);
      }
      if (!inode) throw failure('ENOENT', path);
      return new SimulatedFile(inode, path, contents, this.carry, this.taken);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.carry('write', () => {
      this.require(from);
      this.contents.rename(from, to);
    });
  }

  remove(path: string): Promise<void> {
    return this.carry('write', () => {
      this.require(path);
      this.contents.remove(path);
    });
  }

  stat(path: string): Promise<FileFacts> {
    return this.carry('read', () => factsOf(this.require(path)));
  }

  list(directory: string): Promise<string[]> {
    return this.carry('read', () =>
      this.contents
        .paths()
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1)),
    );
  }

  makeDirectory(): Promise<void> {
    return this.carry('write', () => undefined);
  }

  syncDirectory(): Promise<void> {
    return this.carry('sync', () => this.contents.syncNames());
  }

  lock(directory: string): Promise<DiskLock> {
    return this.carry('read', () => {
      if (this.isLocked)
        throw new JournalError(`The journal in ${directory} is open already.`, 'JOURNAL_LOCKED');
      this.isLocked = true;
      return {
        release: async () => {
          this.isLocked = false;
        },
      };
    });
  }

  private require(path: string): SimulatedInode {
    const inode = this.contents.find(path);
    if (!inode) throw failure('ENOENT', path);
    return inode;
  }
}

class SimulatedFile implements DiskFile {
  constructor(
    private readonly inode: SimulatedInode,
    private readonly path: string,
    private readonly contents: DiskContents,
    private readonly carry: Carrier,
    private readonly taken: (length: number) => number,
  ) {}

  read(bytes: Buffer, at: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return this.carry('read', () => ({ bytesRead: this.inode.read(bytes, at, length, position) }));
  }

  write(bytes: Buffer, at: number, length: number, position: number): Promise<{ bytesWritten: number }> {
    return this.carry('write', () => {
      if (this.contents.isFull) throw failure('ENOSPC', this.path);
      const bytesWritten = this.taken(length);
      this.inode.write(Buffer.from(bytes.subarray(at, at + bytesWritten)), position);
      return { bytesWritten };
    });
  }

  truncate(size: number): Promise<void> {
    return this.carry('write', () => this.inode.truncate(size));
  }

  datasync(): Promise<void> {
    return this.carry('sync', () => this.inode.sync());
  }

  sync(): Promise<void> {
    return this.datasync();
  }

  stat(): Promise<FileFacts> {
    return this.carry('read', () => factsOf(this.inode));
  }

  close(): Promise<void> {
    return this.carry('read', () => undefined);
  }
}

function factsOf({ size, birthtime, mtime }: SimulatedInode): FileFacts {
  return { size, birthtime, mtime };
}

function failure(code: 'ENOSPC' | 'ENOENT', path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
