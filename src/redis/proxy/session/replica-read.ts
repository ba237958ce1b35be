import { ERROR_KINDS } from '../../error-kinds.js';
import { BackendError } from '../backend/backend-error.js';
import type { BackendConnection } from '../backend/connection.js';
import type { ReplyTarget } from '../backend/reply-target.js';
import { kindOfReply } from '../error-replies.js';
import type { Router } from '../router.js';
import type { ReplyQueue } from './reply-queue.js';

const ERROR_TYPE = 0x2d;
const KEPT_READS = 1_024;
/** Errors of a replica that its master would not answer with. */
const OF_REPLICAS = new Set(['MASTERDOWN', 'LOADING', 'READONLY', 'BUSY', 'NOPERM', 'NOAUTH', 'MISCONF']);
const IS_OF_REPLICAS = Uint8Array.from(ERROR_KINDS, (kind) => Number(OF_REPLICAS.has(kind)));

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
    const failed = bytes[start] === ERROR_TYPE && IS_OF_REPLICAS[kindOfReply(bytes, start)] === 1;
    if (failed && this.askMaster()) return;
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
    const connection = this.reads.master(slot, database);
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

  constructor(private readonly router: Router) {}

  take(): ReplicaRead {
    return this.free.pop() ?? new ReplicaRead(this);
  }

  recycle(read: ReplicaRead): void {
    if (this.free.length < KEPT_READS) this.free.push(read);
  }

  /** Null when it cannot be sent to now. */
  master(slot: number, database: number): BackendConnection | null {
    try {
      const connection = this.router.online(slot, database, false);
      return connection.accepting ? connection : null;
    } catch (error) {
      if (error instanceof BackendError) return null;
      throw error;
    }
  }
}
