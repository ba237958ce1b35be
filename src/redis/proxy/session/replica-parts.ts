import type { BackendConnection } from '../backend/connection.js';
import { SLOTS_OF_TARGET } from '../backend/reply-target.js';
import { decimalDigits } from '../bytes.js';
import type { Router } from '../router.js';
import type { ReplyTarget } from '../backend/reply-target.js';
import type { CurrentRequest } from './current-request.js';

const INITIAL_PARTS = 16;
const KEPT_PARTS = 256;
const KEPT_RECORDS = 1_024;
const CR = 0x0d;
const ZERO = 0x30;

/** A read that was split. Its part `i` asks for the keys `order[partStart[i], partStart[i + 1])`. */
interface SplitRead extends ReplyTarget {
  readonly keys: number;
  readonly order: Int32Array;
  readonly partStart: Int32Array;
}

/**
 * The parts of one split read that went to replicas, and where the read itself is, so that a part goes to the master once
 * more when its replica cannot answer it. The records are used again: a request makes none.
 */
export class ReplicaParts {
  private isAtReplica = new Uint8Array(INITIAL_PARTS);
  private source: Buffer = NOTHING;
  private nameStart = 0;
  private nameEnd = 0;
  private firstKey = 0;
  private command = 0;
  private database = 0;

  constructor(private readonly pool: ReplicaPartsPool) {}

  /** This part goes to a replica. */
  mark(part: number): void {
    if (part >= this.isAtReplica.length) {
      const larger = new Uint8Array(2 * part);
      larger.set(this.isAtReplica);
      this.isAtReplica = larger;
    }
    this.isAtReplica[part] = 1;
  }

  /** @param first which argument of the session's current request is the first key of this one */
  noteRequest({ source, base, request, database }: CurrentRequest, command: number, first: number): void {
    this.source = source;
    this.nameStart = base + 1 + decimalDigits(request.argc) + 2;
    this.nameEnd = base + request.argEnd[0]! + 2;
    this.firstKey = base + request.argEnd[first - 1]! + 2;
    this.command = command;
    this.database = database;
  }

  /** Sends a part to the master. False: it was not at a replica, or the master cannot be asked. */
  askMaster(request: SplitRead, part: number): boolean {
    if (this.isAtReplica[part] !== 1) return false;
    const connection = this.masterOf(request, part);
    if (connection === null) return false;
    this.isAtReplica[part] = 0;
    const bytes = this.encode(request, part);
    connection.send(request, part, SLOTS_OF_TARGET, this.command, bytes, 0, bytes.length, true);
    return true;
  }

  recycle(): void {
    this.source = NOTHING;
    if (this.isAtReplica.length > KEPT_PARTS) return;
    this.isAtReplica.fill(0);
    this.pool.give(this);
  }

  /** Null when its keys are not at one master any more: then the replica's word stands. */
  private masterOf(request: SplitRead, part: number): BackendConnection | null {
    const { router } = this.pool;
    const master = router.master(request.slotAt(part, 0), this.database);
    for (let i = 1; i < request.slotCount(part); i++) {
      if (router.master(request.slotAt(part, i), this.database) !== master) return null;
    }
    return master;
  }

  /** The part as a request of its own. The keys of reads that are split lie one behind the other. */
  private encode(request: SplitRead, part: number): Buffer {
    const { source } = this;
    const starts = new Int32Array(request.keys + 1);
    let at = this.firstKey;
    for (let key = 0; key < request.keys; key++) {
      starts[key] = at;
      let length = 0;
      for (at++; source[at] !== CR; at++) length = length * 10 + source[at]! - ZERO;
      at += 2 + length + 2;
    }
    starts[request.keys] = at;
    const from = request.partStart[part]!;
    const to = request.partStart[part + 1]!;
    const pieces = [Buffer.from(`*${1 + to - from}\r\n`), source.subarray(this.nameStart, this.nameEnd)];
    for (let i = from; i < to; i++) {
      const key = request.order[i]!;
      pieces.push(source.subarray(starts[key]!, starts[key + 1]!));
    }
    return Buffer.concat(pieces);
  }
}

/** The records of one proxy. */
export class ReplicaPartsPool {
  private readonly free: ReplicaParts[] = [];

  constructor(readonly router: Router) {}

  take(): ReplicaParts {
    return this.free.pop() ?? new ReplicaParts(this);
  }

  give(parts: ReplicaParts): void {
    if (this.free.length < KEPT_RECORDS) this.free.push(parts);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
