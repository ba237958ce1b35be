import { SHARE_BYTES } from '../output-buffer.js';
import type { ReplyTarget } from '../backend/reply-target.js';
import { copyBytes, decimalDigits, writeDecimal } from '../bytes.js';
import { error, OK } from '../resp/encode.js';
import type { ReplyScanner } from '../resp/reply-scanner.js';
import type { JoinedReplyClient } from './joined-reply-client.js';
import type { ReplicaParts } from './replica-parts.js';
import { isRefusalOfReplica } from './replica-refusals.js';

/** How the replies to the parts of a request become one. */
export const JOIN_ARRAYS = 0;
export const JOIN_SUM = 1;
export const JOIN_OK = 2;

const ERROR_TYPE = 0x2d;
const INTEGER_TYPE = 0x3a;
const ARRAY_TYPE = 0x2a;
const STATUS_TYPE = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const CR = 0x0d;
const LF = 0x0a;
/** A sum of counts of keys has no more digits than this. */
const INTEGER_MAX_BYTES = 24;
const INITIAL_KEYS = 16;
const INITIAL_STORE_BYTES = 512;
/** What a record that is reused may keep; more came from a request that was unusually large. */
const KEPT_KEYS = 256;
const KEPT_STORE_BYTES = 4 * 1024;

const UNEXPECTED = error('ERR quorate: a server answered a part of the request with an unexpected reply');

/** What joining needs for the length of one call only, shared by all requests of a proxy. */
export interface JoinTools {
  readonly scratch: Buffer;
  readonly scanner: ReplyScanner;
  /** Takes back a request that has been answered; it may be begun again. */
  readonly recycle: (request: SplitRequest) => void;
}

/**
 * One client's request whose keys are on several servers or in several slots: which key went with which part,
 * and what the servers have answered so far. The tokens of {@link ReplyTarget} are the numbers of its parts.
 *
 * It is used again and again, so that a request costs no allocation: from {@link begin} until the last of its
 * parts is answered. Its slots stay readable until the next begin, because connections count them out after
 * they have delivered the reply, and nothing is dispatched meanwhile.
 */
export class SplitRequest implements ReplyTarget {
  keys = 0;
  parts = 0;
  /** The part of every key. */
  partOf = new Int32Array(INITIAL_KEYS);
  /** The keys in the order of their parts; those of part `p` are at `partStart[p]` up to `partStart[p + 1]`. */
  order = new Int32Array(INITIAL_KEYS);
  partStart = new Int32Array(INITIAL_KEYS + 1);

  private slots = new Int16Array(INITIAL_KEYS);
  /** Where a key's element lies: in the reply that is being taken, or else in `store`. */
  private starts = new Int32Array(INITIAL_KEYS);
  private ends = new Int32Array(INITIAL_KEYS);
  private store: Buffer = NOTHING;
  private stored = 0;
  private client: JoinedReplyClient | null = null;
  private clientToken = 0;
  private join = JOIN_OK;
  private unanswered = 0;
  private sum = 0;
  private failure: Buffer | null = null;
  private failedByProxy = false;
  private unexpected = false;
  /** Null when every part went to a master. */
  private replicas: ReplicaParts | null = null;

  constructor(private readonly tools: JoinTools) {}

  /** Starts over, with room for so many keys. */
  begin(capacity: number): void {
    this.keys = 0;
    this.parts = 0;
    this.stored = 0;
    this.sum = 0;
    this.failure = null;
    this.failedByProxy = false;
    this.unexpected = false;
    if (capacity > this.partOf.length) this.allocate(capacity);
  }

  /** The next key belongs to this slot and goes with this part. */
  add(part: number, slot: number): void {
    this.partOf[this.keys] = part;
    this.slots[this.keys] = slot;
    this.keys++;
  }

  /** To be called between the last key and the first part that is sent. */
  expect(
    parts: number,
    client: JoinedReplyClient,
    clientToken: number,
    join: number,
    replicas: ReplicaParts | null,
  ): void {
    this.parts = parts;
    this.replicas = replicas;
    this.unanswered = parts;
    this.client = client;
    this.clientToken = clientToken;
    this.join = join;
    const { partOf, order, partStart, keys } = this;
    partStart.fill(0, 0, parts + 1);
    for (let i = 0; i < keys; i++) partStart[partOf[i]! + 1]!++;
    for (let part = 0; part < parts; part++) partStart[part + 1]! += partStart[part]!;
    for (let i = 0; i < keys; i++) order[partStart[partOf[i]!]!++] = i;
    // Filling has moved every start to the next one.
    for (let part = parts; part > 0; part--) partStart[part] = partStart[part - 1]!;
    partStart[0] = 0;
  }

  /** Lets go of the client. @returns whether it is worth keeping: it is not when the request was very large */
  end(): boolean {
    this.client = null;
    this.failure = null;
    this.replicas?.recycle();
    this.replicas = null;
    if (this.store.length > KEPT_STORE_BYTES) this.store = NOTHING;
    return this.partOf.length <= KEPT_KEYS;
  }

  takeReply(part: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    if (this.replicas !== null && isRefusalOfReplica(bytes, start) && this.replicas.askMaster(this, part))
      return;
    if (this.parts === 1) {
      this.client!.takeReply(this.clientToken, bytes, start, end, lasting);
      this.tools.recycle(this);
      return;
    }
    const type = bytes[start];
    if (type === ERROR_TYPE) {
      this.failure ??= Buffer.from(bytes.subarray(start, end));
    } else if (this.failure === null && !this.unexpected) {
      if (this.join === JOIN_ARRAYS) this.unexpected = !this.takeElements(part, bytes, start, end);
      else if (this.join === JOIN_SUM) this.unexpected = !this.addInteger(bytes, start, end);
      else this.unexpected = type !== STATUS_TYPE;
    }
    this.unanswered--;
    if (this.unanswered === 0) this.answer(part, bytes);
  }

  takeFailure(part: number, reply: Buffer): void {
    if (this.replicas?.askMaster(this, part) === true) return;
    if (this.failure === null) {
      this.failure = reply;
      this.failedByProxy = true;
    }
    this.unanswered--;
    if (this.unanswered === 0) this.answer(0, NOTHING);
  }

  /** A part counts once for every one of its keys. */
  slotCount(part: number): number {
    return this.partStart[part + 1]! - this.partStart[part]!;
  }

  slotAt(part: number, i: number): number {
    return this.slots[this.order[this.partStart[part]! + i]!]!;
  }

  /** Finds the elements of a part's array; copies them unless it is the last part. False: it is no such array. */
  private takeElements(part: number, bytes: Buffer, start: number, end: number): boolean {
    const { order, starts, ends, tools } = this;
    const from = this.partStart[part]!;
    const to = this.partStart[part + 1]!;
    if (bytes[start] !== ARRAY_TYPE) return false;
    let at = start + 1;
    let count = 0;
    while (bytes[at] !== CR) count = count * 10 + bytes[at++]! - ZERO;
    if (count !== to - from) return false;
    at += 2;
    let shift = 0;
    if (this.unanswered > 1) {
      this.makeRoom(end - at);
      shift = this.stored - at;
      this.stored = copyBytes(bytes, at, end, this.store, this.stored);
      this.client!.countParts(end - at);
    }
    for (let i = from; i < to; i++) {
      const key = order[i]!;
      starts[key] = at + shift;
      at = tools.scanner.scan(bytes, at, end);
      ends[key] = at + shift;
    }
    return true;
  }

  private addInteger(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== INTEGER_TYPE || end - start > INTEGER_MAX_BYTES) return false;
    const negative = bytes[start + 1] === MINUS;
    let value = 0;
    for (let at = negative ? start + 2 : start + 1; at < end - 2; at++)
      value = value * 10 + bytes[at]! - ZERO;
    this.sum += negative ? -value : value;
    return true;
  }

  private answer(lastPart: number, lastReply: Buffer): void {
    const client = this.client!;
    const { clientToken, failure, tools } = this;
    if (this.stored > 0) client.countParts(-this.stored);
    if (failure !== null) {
      if (this.failedByProxy) client.takeFailure(clientToken, failure);
      else client.takeReply(clientToken, failure, 0, failure.length, true);
    } else if (this.unexpected) {
      client.takeFailure(clientToken, UNEXPECTED);
    } else if (this.join === JOIN_ARRAYS) {
      this.answerArray(client, lastPart, lastReply);
    } else if (this.join === JOIN_SUM) {
      const end = writeInteger(tools.scratch, this.sum);
      client.takeReply(clientToken, tools.scratch, 0, end, false);
    } else {
      client.takeReply(clientToken, OK, 0, OK.length, true);
    }
    tools.recycle(this);
  }

  private answerArray(client: JoinedReplyClient, lastPart: number, lastReply: Buffer): void {
    const { keys, partOf, starts, ends, store, tools } = this;
    let size = 1 + decimalDigits(keys) + 2;
    for (let i = 0; i < keys; i++) size += ends[i]! - starts[i]!;
    const fits = size < SHARE_BYTES;
    const output = fits ? client.outputFor(this.clientToken) : null;
    const reply = output?.room(size) ?? (fits ? tools.scratch : Buffer.allocUnsafeSlow(size));
    let at = output?.position ?? 0;
    reply[at++] = ARRAY_TYPE;
    at = writeDecimal(reply, at, keys);
    reply[at++] = CR;
    reply[at++] = LF;
    for (let i = 0; i < keys; i++) {
      const part = partOf[i]!;
      const start = starts[i]!;
      // Keys that follow each other in the request and in their part do so in the part's reply.
      while (i + 1 < keys && partOf[i + 1] === part) i++;
      at = copyBytes(part === lastPart ? lastReply : store, start, ends[i]!, reply, at);
    }
    if (output === null) {
      client.takeReply(this.clientToken, reply, 0, size, !fits);
    } else {
      output.advance(size);
      client.nextTaken();
    }
  }

  private makeRoom(size: number): void {
    const needed = this.stored + size;
    if (needed <= this.store.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(INITIAL_STORE_BYTES, 2 ** Math.ceil(Math.log2(needed))));
    this.store.copy(larger, 0, 0, this.stored);
    this.store = larger;
  }

  private allocate(capacity: number): void {
    const keys = 2 ** Math.ceil(Math.log2(capacity));
    this.partOf = new Int32Array(keys);
    this.order = new Int32Array(keys);
    this.partStart = new Int32Array(keys + 1);
    this.slots = new Int16Array(keys);
    this.starts = new Int32Array(keys);
    this.ends = new Int32Array(keys);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

function writeInteger(target: Buffer, value: number): number {
  let at = 0;
  target[at++] = INTEGER_TYPE;
  if (value < 0) target[at++] = MINUS;
  at = writeDecimal(target, at, Math.abs(value));
  target[at++] = CR;
  target[at++] = LF;
  return at;
}
