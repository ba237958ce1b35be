import type { Change } from '../types.js';

/** A key's current state, as it is stored. */
export interface Entry {
  readonly value: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** The session that the key belongs to. */
  readonly sessionId: string | null;
}

/** Everything that one committed transaction changed. */
export interface RevisionRecord {
  readonly revision: bigint;
  /** In the order of the transaction's operations. */
  readonly changes: readonly Change[];
  /** The session of each key that was put with one. */
  readonly sessions: ReadonlyMap<string, string>;
}

type StoredChange = readonly ['p', string, string, string] | readonly ['d', string];

export function encodeEntry(entry: Entry): string {
  return JSON.stringify([
    entry.value,
    String(entry.createRevision),
    String(entry.modRevision),
    entry.sessionId,
  ]);
}

export function decodeEntry(text: string): Entry {
  const [value, created, modified, sessionId] = JSON.parse(text) as [string, string, string, string | null];
  return { value, createRevision: BigInt(created), modRevision: BigInt(modified), sessionId };
}

export function encodeChanges(changes: readonly Change[]): string {
  const stored: StoredChange[] = changes.map((change) =>
    change.type === 'put'
      ? ['p', change.key, change.value, String(change.createRevision)]
      : ['d', change.key],
  );
  return JSON.stringify(stored);
}

export function decodeChanges(text: string, revision: bigint): Change[] {
  const stored = JSON.parse(text) as StoredChange[];
  return stored.map((change) =>
    change[0] === 'p'
      ? {
          type: 'put',
          key: change[1],
          value: change[2],
          createRevision: BigInt(change[3]),
          modRevision: revision,
        }
      : { type: 'delete', key: change[1], modRevision: revision },
  );
}
