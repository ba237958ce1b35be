import { SLOTS_OF_TARGET } from '../backend/reply-target.js';
import type { BackendConnection } from '../backend/connection.js';
import { copyBytes, decimalDigits, writeDecimal } from '../bytes.js';
import { COMMANDS } from '../commands/table.js';
import { SHARE_BYTES } from '../output-buffer.js';
import { ReplyScanner } from '../resp/reply-scanner.js';
import { SLOT_COUNT } from '../../slots.js';
import type { Router } from '../router.js';
import type { JoinedReplyClient } from './joined-reply-client.js';
import { ReplicaPartsPool, type ReplicaParts } from './replica-parts.js';
import type { RequestSession } from './request-session.js';
import { JOIN_ARRAYS, JOIN_OK, JOIN_SUM, SplitRequest } from './split-request.js';
import type { JoinTools } from './split-request.js';

const STAR = 0x2a;
const CR = 0x0d;
const LF = 0x0a;
const STAMP_MAX = 0x7fff_ffff;
/** Answered requests that are kept to be used again: as many as a busy proxy has under way. */
const KEPT_REQUESTS = 4096;

/** How the replies to the parts of a command that may be split are joined. */
export const JOIN_BY_COMMAND = Uint8Array.from(COMMANDS, ({ name }) =>
  name === 'mget' ? JOIN_ARRAYS : name === 'mset' ? JOIN_OK : JOIN_SUM,
);
const ARGUMENTS_PER_KEY = Uint8Array.from(COMMANDS, ({ keys }) => keys.step);

/**
 * Sends requests with keys of several slots in parts, one to each connection, with that connection's keys in
 * their order. The parts are independent requests: a split write is not atomic.
 *
 * One request at a time is put together: {@link begin}, {@link add} for every key, then {@link send}; whoever
 * begins the next one instead of sending gives it up.
 */
export class Splitter {
  private readonly free: SplitRequest[] = [];
  private readonly tools: JoinTools = {
    scratch: Buffer.allocUnsafeSlow(SHARE_BYTES),
    scanner: new ReplyScanner(),
    recycle: (request) => this.recycle(request),
  };
  private request = new SplitRequest(this.tools);
  private readonly connections: BackendConnection[] = [];
  private readonly replicaParts: ReplicaPartsPool;
  /** The parts of the present request; null as long as no part of it goes to a replica. */
  private replicas: ReplicaParts | null = null;
  /** Marks the slots that the present request has keys of. */
  private stamp = 0;
  private readonly stampOf = new Int32Array(SLOT_COUNT);
  private readonly partOf = new Int32Array(SLOT_COUNT);

  constructor(private readonly router: Router) {
    this.replicaParts = new ReplicaPartsPool(router);
  }

  /** Starts a request with so many keys. */
  begin(keys: number): void {
    this.replicas?.recycle();
    this.replicas = null;
    this.request.begin(keys);
    this.connections.length = 0;
    if (this.stamp === STAMP_MAX) {
      this.stampOf.fill(0);
      this.stamp = 0;
    }
    this.stamp++;
  }

  /** Adds a key of a slot that has had one. False: the slot has had none. */
  addAgain(slot: number): boolean {
    if (this.stampOf[slot] !== this.stamp) return false;
    this.request.add(this.partOf[slot]!, slot);
    return true;
  }

  /** Adds the first key of a slot. */
  add(slot: number, connection: BackendConnection): void {
    const { connections } = this;
    let part = connections.indexOf(connection);
    if (part === -1) part = connections.push(connection) - 1;
    this.stampOf[slot] = this.stamp;
    this.partOf[slot] = part;
    this.request.add(part, slot);
  }

  /** As {@link add}, for a read, which may go to a replica. */
  addRead(slot: number, connection: BackendConnection): void {
    this.add(slot, connection);
    if (!this.router.leadsToReplica(slot, connection)) return;
    this.replicas ??= this.replicaParts.take();
    this.replicas.mark(this.partOf[slot]!);
  }

  /**
   * Sends the session's current request.
   *
   * @param positions the argument that is the i-th key that was added
   */
  send(session: RequestSession, command: number, positions: Int32Array): void {
    const { request, connections } = this;
    const { replies, source, base } = session;
    const parts = connections.length;
    this.replicas?.noteRequest(session, command, positions[0]!);
    this.take(request, command, replies, replies.reserve());
    if (parts === 1) {
      const end = base + session.length;
      connections[0]!.send(request, 0, SLOTS_OF_TARGET, command, source, base, end, true);
    } else {
      for (let part = 0; part < parts; part++) {
        this.sendPart(session, request, part, connections[part]!, command, positions);
      }
    }
    connections.length = 0;
  }

  /**
   * Sends some of the keys of the session's current request, as a request of its own.
   *
   * @param positions the argument that is the i-th key that was added
   */
  sendPiece(
    session: RequestSession,
    command: number,
    positions: Int32Array,
    client: JoinedReplyClient,
    token: number,
  ): void {
    const { request, connections } = this;
    this.replicas?.noteRequest(session, command, positions[0]!);
    this.take(request, command, client, token);
    for (let part = 0; part < request.parts; part++) {
      this.sendPart(session, request, part, connections[part]!, command, positions);
    }
    connections.length = 0;
  }

  /** The request that was put together is going to be sent; another one is going to be put together. */
  private take(request: SplitRequest, command: number, client: JoinedReplyClient, token: number): void {
    this.request = this.free.pop() ?? new SplitRequest(this.tools);
    request.expect(this.connections.length, client, token, JOIN_BY_COMMAND[command]!, this.replicas);
    this.replicas = null;
  }

  private sendPart(
    session: RequestSession,
    split: SplitRequest,
    part: number,
    connection: BackendConnection,
    command: number,
    positions: Int32Array,
  ): void {
    const { source, base } = session;
    const { argc, argEnd } = session.request;
    const { order } = split;
    const from = split.partStart[part]!;
    const to = split.partStart[part + 1]!;
    const perKey = ARGUMENTS_PER_KEY[command]!;
    const count = 1 + (to - from) * perKey;
    // The command's name with its length begins behind `*argc` and its line end.
    const nameStart = base + 1 + decimalDigits(argc) + 2;
    const nameEnd = base + argEnd[0]! + 2;
    let size = 1 + decimalDigits(count) + 2 + nameEnd - nameStart;
    for (let i = from; i < to; i++) {
      const position = positions[order[i]!]!;
      size += argEnd[position + perKey - 1]! - argEnd[position - 1]!;
    }
    // Long values are passed on from where they are.
    const fits = size < SHARE_BYTES;
    const target = this.tools.scratch;
    target[0] = STAR;
    let at = writeDecimal(target, 1, count);
    target[at++] = CR;
    target[at++] = LF;
    at = copyBytes(source, nameStart, nameEnd, target, at);
    if (!fits) connection.send(split, part, SLOTS_OF_TARGET, command, target, 0, at, false);
    for (let i = from; i < to; i++) {
      const first = order[i]!;
      let last = first;
      while (i + 1 < to && order[i + 1] === last + 1) {
        last++;
        i++;
      }
      // An argument with its length and line ends begins where the one before it ends.
      const start = base + argEnd[positions[first]! - 1]! + 2;
      const end = base + argEnd[positions[last]! + perKey - 1]! + 2;
      if (fits) at = copyBytes(source, start, end, target, at);
      else connection.extend(source, start, end);
    }
    if (fits) connection.send(split, part, SLOTS_OF_TARGET, command, target, 0, size, false);
  }

  private recycle(request: SplitRequest): void {
    if (request.end() && this.free.length < KEPT_REQUESTS) this.free.push(request);
  }
}
