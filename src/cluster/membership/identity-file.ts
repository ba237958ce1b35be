import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../common/durable-file.js';
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

  constructor(directory: string) {
    this.path = join(directory, FILE);
  }

  /**
   * The identity of the directory; a new directory gets one.
   *
   * @throws IdentityError when it cannot be read, or belongs to another cluster
   */
  async open(cluster: string, name: string): Promise<StoredIdentity> {
    const known = await this.read();
    if (known && known.cluster !== cluster) {
      throw new IdentityError(
        `The data directory belongs to a member of cluster ${known.cluster}, not of ${cluster}: see ${this.path}.`,
      );
    }
    if (known) return known;
    const identity = { cluster, id: newMemberId(name), isAdmitted: false };
    await this.write(identity);
    return identity;
  }

  private async read(): Promise<StoredIdentity | null> {
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
    await writeDurably(this.path, `${JSON.stringify(identity)}\n`, 0o600);
  }
}

/** The name in front is for people; what tells two directories apart is random. */
function newMemberId(name: string): string {
  return `${name}-${randomBytes(6).toString('hex')}`;
}
