import type { BackendConnection } from '../backend/connection.js';
import type { ReplyTarget } from '../backend/reply-target.js';
import type { Router } from '../router.js';
import { isRefusalOfReplica } from './replica-refusals.js';
import type { ReplyQueue } from './reply-queue.js';

const KEPT_READS = 1_024;

/**
 * A request on its way to a replica, which goes to the master once more when the replica cannot answer it. The records are
 * used again: a request makes none.
 */
class ReplicaRead implements ReplyTarget {
  private replies: ReplyQueue | null = null;
  private token = 0;
  private slot = 0;
  private command = 0;
  private database = 0;
  private source: Buffer = NOTHING;
  private start = 0;
  private end = 0;

  constructor(private readonly reads: ReplicaReads) {}

  send(
    connection: BackendConnection,
    replies: ReplyQueue,
    token: number,
    slot: number,
    command: number,
    database: number,
    source: Buffer,
    start: number,
    end: number,
  ): void {
    this.replies = replies;
    this.token = token;
    this.slot = slot;
    this.command = command;
    this.database = database;
    this.source = source;
    this.start = start;
    this.end = end;
    connection.send(this, 0, slot, command, source, start, end, true);
  }

  takeReply(_token: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    if (isRefusalOfReplica(bytes, start) && this.askMaster()) return;
    const { replies, token } = this;
    this.recycle();
    replies!.takeReply(token, bytes, start, end, lasting);
  }

  takeFailure(_token: number, error: Buffer): void {
    if (this.askMaster()) return;
    const { replies, token } = this;
    this.recycle();
    replies!.takeFailure(token, error);
  }

  /** Each entry names its slot itself. */
  slotCount(): number {
    return 0;
  }

  slotAt(): number {
    throw new RangeError('A read counts for no slot of its own.');
  }

  /** False when the master cannot be asked now: then the replica's word stands. */
  private askMaster(): boolean {
    const { replies, token, slot, command, database, source, start, end } = this;
    const connection = this.reads.router.master(slot, database);
    if (connection === null) return false;
    this.recycle();
    connection.send(replies!, token, slot, command, source, start, end, true);
    return true;
  }

  private recycle(): void {
    this.replies = null;
    this.source = NOTHING;
    this.reads.recycle(this);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** The reads of one proxy that are on their way to replicas. */
export class ReplicaReads {
  private readonly free: ReplicaRead[] = [];

  constructor(readonly router: Router) {}

  take(): ReplicaRead {
    return this.free.pop() ?? new ReplicaRead(this);
  }

  recycle(read: ReplicaRead): void {
    if (this.free.length < KEPT_READS) this.free.push(read);
  }
}
