import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorMessage, QuorateError } from '../../common/errors.js';

const FILE = 'member.json';

const stored = z.object({
  cluster: z.string(),
  id: z.string(),
  /** Whether the cluster has been seen to know the id. */
  isAdmitted: z.boolean(),
});
export type StoredIdentity = z.infer<typeof stored>;

/** The data directory does not belong to the member that is to run from it. */
export class IdentityError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('MEMBER_IDENTITY', message, { cause });
  }
}

/** Who a data directory belongs to: an id that no other has, for as long as its files stay. */
export class IdentityFile {
  readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, FILE);
  }

  /** Null in a new directory. @throws IdentityError when it cannot be read */
  async read(): Promise<StoredIdentity | null> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw new IdentityError(`${this.path} cannot be read: ${errorMessage(error)}`, error);
    }
    try {
      return stored.parse(JSON.parse(text));
    } catch (error) {
      throw new IdentityError(
        `${this.path} is damaged. Restore it from a backup, or take the member out and let it come again with an empty ` +
          'data directory.',
        error,
      );
    }
  }

  /** Durable when it resolves: what the cluster knows must not be forgotten here. */
  async write(identity: StoredIdentity): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const handle = await open(`${this.path}.new`, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(identity)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${this.path}.new`, this.path);
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

/** The name in front is for people; what tells two directories apart is random. */
export function newMemberId(name: string): string {
  return `${name}-${randomBytes(6).toString('hex')}`;
}
