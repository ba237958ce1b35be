import type { Socket } from 'node:net';
import { copyBytes } from '../bytes.js';
import type { ProxyContext } from '../context.js';
import { OutputBuffer, SHARE_BYTES } from '../output-buffer.js';
import type { ScheduledTask } from '../flush-scheduler.js';
import type { JoinedReplyClient } from './joined-reply-client.js';

/** Tokens count requests and wrap around; far more than can be outstanding. */
const TOKEN_MASK = 0x3fff_ffff;
const INITIAL_CAPACITY = 64;
/** How long a client may take to read its last replies and to close its side. */
const LINGER_MS = 1000;
/** As many bytes are worth a write of their own. */
const DEFER_BELOW_BYTES = 16 * 1024;
/** What is kept for a client that has not authenticated and does not read; redis-server has a limit as small. */
const UNTRUSTED_OUTPUT_BYTES = 16 * 1024;
const ABSENT = -1;
const LARGE = -2;

/**
 * The replies to one client, put into the order of its requests.
 *
 * A reply that is next goes straight to the output; one that is early is kept in `store` until its turn.
 */
export class ReplyQueue implements JoinedReplyClient, ScheduledTask {
  scheduled = false;
  /** Requests whose reply is not in the output yet. */
  outstanding = 0;

  private readonly output: OutputBuffer;
  private trusted: boolean;
  private head = 0;
  /** Where early replies are in `store`, by token modulo the capacity. */
  private starts = new Int32Array(INITIAL_CAPACITY).fill(ABSENT);
  private ends = new Int32Array(INITIAL_CAPACITY);
  private mask = INITIAL_CAPACITY - 1;
  private store: Buffer | null = null;
  private storeUsed = 0;
  private earlyCount = 0;
  private earlyBytes = 0;
  private partBytes = 0;
  private readonly largeReplies = new Map<number, readonly Buffer[]>();
  private closed = false;
  private deferred = false;
  private ending = false;
  private lingerTimer: NodeJS.Timeout | null = null;
  private waiting: ScheduledTask | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly context: ProxyContext,
    trusted: boolean,
  ) {
    this.trusted = trusted;
    this.output = new OutputBuffer(context.buffers);
    socket.on('drain', () => {
      this.output.drained();
      this.checkRoom();
    });
  }

  /** A client that has not authenticated may not make the proxy keep more than a few errors for it. */
  setTrusted(trusted: boolean): void {
    this.trusted = trusted;
  }

  /** Whether no further request should be taken from the client now. */
  get full(): boolean {
    return this.outstanding >= this.context.limits.maxPipeline || this.congested;
  }

  /** Wakes the task once when the queue has room again. */
  whenRoom(task: ScheduledTask): void {
    this.waiting = task;
    // Without this the last reply might have left before the task began to wait.
    this.context.scheduler.write(this);
  }

  /** The token of the next request of this client. */
  reserve(): number {
    if (this.outstanding > this.mask) this.grow();
    const token = (this.head + this.outstanding) & TOKEN_MASK;
    this.outstanding++;
    return token;
  }

  /** Answers the next request at once, or as soon as those before it are answered. */
  answer(reply: Buffer): void {
    this.takeReply(this.reserve(), reply, 0, reply.length, true);
  }

  takeReply(token: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    if (this.closed) return;
    if (token !== this.head) {
      this.keep(token, bytes, start, end, lasting);
      return;
    }
    this.output.append(bytes, start, end, lasting);
    this.nextTaken();
  }

  /** As {@link takeReply}, for a reply in pieces that will never be overwritten. */
  takePieces(token: number, pieces: readonly Buffer[]): void {
    if (this.closed) return;
    if (token !== this.head) {
      this.earlyCount++;
      this.keepLarge(token, pieces);
      return;
    }
    for (const piece of pieces) this.output.append(piece, 0, piece.length, true);
    this.nextTaken();
  }

  /**
   * Where the reply to `token` may be written in place, in one piece, because it is the next one; null when it
   * has to be given to {@link takeReply}. {@link nextTaken} is to be called when it has been written.
   */
  outputFor(token: number): OutputBuffer | null {
    return token === this.head && !this.closed ? this.output : null;
  }

  nextTaken(): void {
    this.head = (this.head + 1) & TOKEN_MASK;
    this.outstanding--;
    if (this.earlyCount > 0) this.release();
    if (!this.scheduled) this.context.scheduler.write(this);
  }

  takeFailure(token: number, error: Buffer): void {
    this.context.counters.noteFailure(error);
    this.takeReply(token, error, 0, error.length, true);
  }

  /** None: its entries always name their slot themselves. */
  slotCount(): number {
    return 0;
  }

  slotAt(): number {
    throw new RangeError('A reply queue counts for no slot of its own.');
  }

  /** Counts bytes of replies to parts that wait for the other parts; negative when they wait no longer. */
  countParts(bytes: number): void {
    this.partBytes += bytes;
    if (this.overfull) this.context.scheduler.write(this);
  }

  /** Closes the connection when every request taken so far has been answered. */
  endWhenAnswered(): void {
    this.ending = true;
    this.context.scheduler.write(this);
  }

  close(): void {
    this.closed = true;
    if (this.lingerTimer !== null) clearTimeout(this.lingerTimer);
    this.output.clear();
    this.waiting = null;
    this.largeReplies.clear();
    this.dropStore();
  }

  runTask(): void {
    if (this.closed) return;
    const { socket } = this;
    if (this.overfull) {
      socket.destroy();
      return;
    }
    // The client of a pipeline often waits for all of it: more of its replies may be just behind these, so
    // they are given one turn, which is short because it does not wait for events.
    if (this.outstanding > 0 && !this.deferred && this.output.length < DEFER_BELOW_BYTES) {
      this.deferred = true;
      this.context.scheduler.write(this);
      return;
    }
    this.deferred = false;
    this.output.flush(socket);
    if (this.ending && this.outstanding === 0) this.end();
    this.checkRoom();
  }

  private end(): void {
    if (this.lingerTimer !== null) return;
    this.lingerTimer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.end();
    // What the client still sends is thrown away; unread it would turn the close into a reset.
    this.socket.resume();
  }

  private get congested(): boolean {
    const limit = this.trusted ? this.context.limits.outputBufferBytes : UNTRUSTED_OUTPUT_BYTES;
    return this.output.length + this.socket.writableLength > limit;
  }

  private get overfull(): boolean {
    const waiting = this.socket.writableLength + this.earlyBytes + this.partBytes;
    return waiting > this.context.limits.maxOutputBufferBytes;
  }

  private checkRoom(): void {
    if (this.waiting === null || this.congested) return;
    if (this.outstanding > this.context.limits.maxPipeline / 2) return;
    const task = this.waiting;
    this.waiting = null;
    this.context.scheduler.wake(task);
  }

  private keep(token: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    const index = token & this.mask;
    const size = end - start;
    this.earlyCount++;
    if (size >= SHARE_BYTES) {
      const range = bytes.subarray(start, end);
      this.keepLarge(token, [lasting ? range : Buffer.from(range)]);
      return;
    }
    this.earlyBytes += size;
    if (this.overfull) this.context.scheduler.write(this);
    if (this.store === null || this.storeUsed + size > this.store.length) this.makeRoom(size);
    this.starts[index] = this.storeUsed;
    this.storeUsed = copyBytes(bytes, start, end, this.store!, this.storeUsed);
    this.ends[index] = this.storeUsed;
  }

  private keepLarge(token: number, pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.earlyBytes += piece.length;
    if (this.overfull) this.context.scheduler.write(this);
    this.largeReplies.set(token, pieces);
    this.starts[token & this.mask] = LARGE;
  }

  private release(): void {
    const { starts, ends, mask, output } = this;
    while (this.earlyCount > 0) {
      const index = this.head & mask;
      const start = starts[index]!;
      if (start === ABSENT) return;
      if (start === LARGE) {
        const pieces = this.largeReplies.get(this.head)!;
        this.largeReplies.delete(this.head);
        for (const piece of pieces) {
          this.earlyBytes -= piece.length;
          output.append(piece, 0, piece.length, true);
        }
      } else {
        const end = ends[index]!;
        this.earlyBytes -= end - start;
        output.append(this.store!, start, end, false);
      }
      starts[index] = ABSENT;
      this.earlyCount--;
      this.outstanding--;
      this.head = (this.head + 1) & TOKEN_MASK;
    }
    this.dropStore();
  }

  /** Makes room for `size` bytes in the store: by dropping what has left it, or else by a larger one. */
  private makeRoom(size: number): void {
    const old = this.store;
    this.store = this.context.buffers.take(Math.max(16 * 1024, 2 * (this.earlyBytes + size)));
    this.storeUsed = 0;
    if (old === null) return;
    for (let i = 0; i < this.outstanding; i++) {
      const index = (this.head + i) & this.mask;
      const start = this.starts[index]!;
      if (start < 0) continue;
      this.starts[index] = this.storeUsed;
      this.storeUsed = copyBytes(old, start, this.ends[index]!, this.store, this.storeUsed);
      this.ends[index] = this.storeUsed;
    }
    this.context.buffers.give(old);
  }

  private dropStore(): void {
    if (this.store !== null) this.context.buffers.give(this.store);
    this.store = null;
    this.storeUsed = 0;
  }

  private grow(): void {
    const capacity = (this.mask + 1) * 2;
    const starts = new Int32Array(capacity).fill(ABSENT);
    const ends = new Int32Array(capacity);
    for (let i = 0; i < this.outstanding; i++) {
      const token = (this.head + i) & TOKEN_MASK;
      starts[token & (capacity - 1)] = this.starts[token & this.mask]!;
      ends[token & (capacity - 1)] = this.ends[token & this.mask]!;
    }
    this.starts = starts;
    this.ends = ends;
    this.mask = capacity - 1;
  }
}
