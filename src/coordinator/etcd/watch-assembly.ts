import type { IWatchResponse } from 'etcd3';
import type { Change, WatchBatch } from '../types.js';
import type { Keyspace } from './keyspace.js';

/**
 * Puts the messages of a watch together into batches of whole revisions.
 *
 * etcd never spreads a revision over two responses, but cuts a large response into fragments anywhere. All
 * revisions of a fragment but its last are complete; the last one may go on in the next fragment.
 */
export class WatchAssembly {
  private revision = 0n;
  private changes: Change[] = [];

  /** @param position changes up to this revision have been delivered and are dropped */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly position: bigint,
  ) {}

  /** Takes the next message and returns the batches that are now complete. */
  accept(response: IWatchResponse): WatchBatch[] {
    const complete: WatchBatch[] = [];
    for (const { type, kv } of response.events) {
      const revision = BigInt(kv.mod_revision);
      if (revision <= this.position) continue;
      if (revision !== this.revision) this.flush(complete);
      this.revision = revision;
      this.changes.push(
        type === 'Put'
          ? {
              type: 'put',
              key: this.keyspace.strip(kv.key),
              value: kv.value.toString('utf8'),
              createRevision: BigInt(kv.create_revision),
              modRevision: revision,
            }
          : { type: 'delete', key: this.keyspace.strip(kv.key), modRevision: revision },
      );
    }
    if (!response.fragment) this.flush(complete);
    return complete;
  }

  private flush(complete: WatchBatch[]): void {
    if (this.changes.length === 0) return;
    complete.push({ revision: this.revision, changes: this.changes });
    this.changes = [];
  }
}
