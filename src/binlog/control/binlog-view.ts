import { createHash } from 'node:crypto';
import type { Stored } from '../../cluster/collection.js';
import { collections } from '../../cluster/records.js';
import type { StateView } from '../../cluster/view.js';
import {
  journalCollections,
  type CommitRecord,
  type StartRecord,
  type TermRecord,
} from '../replication/records.js';
import type { SourceFacts } from '../syncer/source-facts.js';
import { syncerCollections, SYNCER_ID, type SyncerRecord } from '../syncer/syncer-record.js';
import { binlogServerCollections, type BinlogServerRecord } from './server-record.js';

/** Every kind of record of the binlog store. */
export const binlogCollections = { ...syncerCollections, ...binlogServerCollections, ...journalCollections };

/** What we are to sources and to slaves. */
export interface Identity {
  readonly serverId: number;
  readonly serverUuid: string;
}

/** The binlog store's part of the view: what is to be, and what of the journal is committed. Reading only. */
export class BinlogView {
  constructor(
    readonly view: StateView,
    private readonly memberName: string,
  ) {}

  syncer(): Stored<SyncerRecord> | undefined {
    return this.view.get(syncerCollections.syncer, SYNCER_ID);
  }

  /** Why the syncer as it is recorded now is not tried any more; null as long as it is. */
  halt(): string | null {
    const record = this.view.get(syncerCollections.halt, SYNCER_ID)?.value;
    return record?.syncerRevision === String(this.syncer()?.revision) ? (record?.reason ?? null) : null;
  }

  /** As the source was when it was connected last; null when none ever was. */
  source(): SourceFacts | null {
    return this.view.get(syncerCollections.source, SYNCER_ID)?.value ?? null;
  }

  /** Name of the member that leads, on which the syncer runs; null while none does. */
  leader(): string | null {
    return this.view.get(collections.leadership, 'leader')?.value.member ?? null;
  }

  /**
   * The identity of the syncer, also of one that was forgotten; before there was one, something that stays the
   * same.
   */
  identity(): Identity {
    const record =
      this.syncer()?.value ?? this.view.get(syncerCollections.identity, SYNCER_ID)?.value ?? null;
    if (record === null) return makeshiftIdentity(this.memberName);
    return { serverId: Number(record.serverId), serverUuid: record.serverUuid };
  }

  /** Ascending by name. */
  servers(): Stored<BinlogServerRecord>[] {
    return this.view.list(binlogServerCollections.servers).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  server(name: string): Stored<BinlogServerRecord> | undefined {
    return this.view.get(binlogServerCollections.servers, name);
  }

  /** Where the journal begins; undefined before it has begun. */
  start(): Stored<StartRecord> | undefined {
    return this.view.get(journalCollections.start, 'record');
  }

  commit(): CommitRecord | undefined {
    return this.view.get(journalCollections.commit, 'record')?.value;
  }

  /** The newest. */
  term(): TermRecord | undefined {
    return this.view.get(journalCollections.terms, 'history')?.value.terms.at(-1);
  }
}

function makeshiftIdentity(memberName: string): Identity {
  const hash = createHash('sha256').update(`quorate/${memberName}`).digest();
  const hex = hash.toString('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return { serverId: hash.readUInt32LE(28) || 1, serverUuid: uuid.join('-') };
}
