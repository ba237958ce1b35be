import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { JournalError } from './journal-error.js';

/**
 * Keeps a directory for one process of a machine. The lock is a name in Linux' abstract socket namespace, made of the
 * directory's inode: the kernel takes it away with the process, and nothing is left on the disk, which may be full.
 */
export class DirectoryLock {
  private constructor(private readonly server: Server) {}

  /** @throws JournalError when another has it */
  static async take(directory: string): Promise<DirectoryLock> {
    const { dev, ino } = await stat(directory);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(refusal(directory, error)));
      server.listen({ path: `\0quorate-journal-${dev}-${ino}`, exclusive: true }, resolve);
    });
    server.unref();
    return new DirectoryLock(server);
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

function refusal(directory: string, error: Error): JournalError {
  const isTaken = 'code' in error && error.code === 'EADDRINUSE';
  return isTaken
    ? new JournalError(
        `The journal in ${directory} is open already, in this or another process.`,
        'JOURNAL_LOCKED',
      )
    : new JournalError(`Could not lock ${directory}: ${error.message}`, 'JOURNAL', error);
}
