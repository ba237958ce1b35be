/* eslint-disable max-lines -- The hot path of one connection: its parts share the read and write positions, and a call between files would cost each request. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { errorMessage } from '../../../common/errors.js';
import { OutputBuffer } from '../output-buffer.js';
import { NOT_RESP, ReplyScanner, UNFINISHED } from '../resp/reply-scanner.js';
import { kindOfReply } from '../error-replies.js';
import type { RequestCounts } from '../request-counts.js';
import { COMMAND_IS_HARMLESS } from '../commands/table.js';
import type { Endpoint } from '../../routing-table.js';
import { NO_SLOT, SHOWN_KEY_BYTES } from '../slow-log.js';
import type { SlotGate } from '../slot-gate.js';
import type { ScheduledTask } from '../flush-scheduler.js';
import { BackendError } from './backend-error.js';
import type { BackendContext } from './context.js';
import { hostPortOf } from './endpoint.js';
import { Handshake } from './handshake.js';
import { PendingRing } from './pending-ring.js';
import { SLOTS_OF_TARGET } from './reply-target.js';
import type { ReplyTarget } from './reply-target.js';

const READ_BYTES = 128 * 1024;
/** More requests than this are not queued, however short they are. */
const PENDING_MAX = 64 * 1024;
const WRITE_EARLY_BYTES = 512 * 1024;
const ERROR_TYPE = 0x2d;

/**
 * From when a request's time counts: from when it was queued, or from when the one before it was answered,
 * which is fair where every request takes long.
 */
export type Timing = 'from-queued' | 'from-previous-reply';

/**
 * One connection to one database of one server, shared by all clients.
 *
 * It lives once: a lost connection is replaced by a new object. Requests may be sent from the beginning;
 * they leave when the handshake is done. Replies come in the order of the requests.
 */
export class BackendConnection implements ScheduledTask {
  scheduled = false;
  /** Whether requests may be sent: the connection is not lost and its queues are not full. */
  accepting = true;
  readonly pending = new PendingRing();

  private readonly socket: Socket;
  private readonly output: OutputBuffer;
  private readonly scanner = new ReplyScanner();
  private handshake: Handshake | null;
  private closed = false;
  /** Whether any request can have reached the server. */
  private sent = false;
  private readonly usualBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  private buffer: Buffer = this.usualBuffer;
  private filled = 0;
  private readonly connectTimer: NodeJS.Timeout;
  private waiters: (() => void)[] = [];
  private lastReplyAt = 0;
  private readonly counts: RequestCounts;

  /**
   * @param name what the connection is called on the server; unique
   * @param answerTimeoutMs how long the server may take to answer a request, counted as `timing` says
   */
  constructor(
    readonly endpoint: Endpoint,
    database: number,
    readonly name: string,
    private readonly answerTimeoutMs: number,
    private readonly timing: Timing,
    private readonly context: BackendContext,
    private readonly onClosed: (connection: BackendConnection, reason: BackendError) => void,
  ) {
    this.output = new OutputBuffer(context.buffers);
    this.counts = context.counters.of(endpoint.address);
    this.handshake = new Handshake(endpoint.address, endpoint.password, database, name);
    const { host, port } = hostPortOf(endpoint.address);
    this.socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      onread: {
        buffer: () => this.readTarget(),
        callback: (bytes) => this.onBytes(bytes),
      },
    });
    this.socket.on('connect', () => this.socket.write(this.handshake!.request));
    this.socket.on('drain', () => {
      this.output.drained();
      this.updateAccepting();
    });
    this.socket.on('error', (error) => this.fail(this.unreachable(errorMessage(error))));
    this.socket.on('close', () => this.fail(this.unreachable('the connection was closed')));
    this.connectTimer = setTimeout(
      () => this.fail(this.unreachable(`no answer within ${context.limits.connectTimeoutMs} ms`)),
      context.limits.connectTimeoutMs,
    );
  }

  get ready(): boolean {
    return this.handshake === null && !this.closed;
  }

  /** Whether the handshake ever succeeded. */
  get wasReady(): boolean {
    return this.handshake === null;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** The IP address of the server, as the system connected to it; empty unless it is connected. */
  get remoteHost(): string {
    return (this.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  }

  /**
   * Queues the request `source[start, end)`; `target` gets its reply with `token`. The request counts as in
   * flight for `slot` from now on. Must not be called when the connection is closed.
   */
  send(
    target: ReplyTarget,
    token: number,
    slot: number,
    command: number,
    source: Buffer,
    start: number,
    end: number,
    lasting: boolean,
  ): void {
    const { context } = this;
    if (slot >= 0) context.gate.inFlight[slot]!++;
    else enterSlots(context.gate, target, token);
    this.pending.push(target, token, slot, command, context.clock.now);
    this.output.append(source, start, end, lasting);
    this.scheduleWrite();
    if (this.pending.length >= PENDING_MAX) this.accepting = false;
  }

  /** Adds `source[start, end)`, which is never overwritten, to the request that was queued last. */
  extend(source: Buffer, start: number, end: number): void {
    this.output.append(source, start, end, true);
    this.scheduleWrite();
  }

  private scheduleWrite(): void {
    if (this.output.length > WRITE_EARLY_BYTES) {
      if (this.handshake === null) this.runTask();
      else this.updateAccepting();
    } else if (!this.scheduled && this.handshake === null) {
      this.context.scheduler.write(this);
    }
  }

  /** Calls back once: when requests may be sent again, or when the connection is lost. */
  whenAccepting(callback: () => void): void {
    this.waiters.push(callback);
  }

  /** Writes what is queued; called once per turn. */
  runTask(): void {
    if (this.closed || this.handshake !== null) return;
    this.sent = true;
    this.output.flush(this.socket);
    this.updateAccepting();
  }

  /** Gives up when the oldest request has waited longer than it may. */
  checkTimeout(now: number): void {
    const { pending } = this;
    if (this.closed || this.handshake !== null || pending.length === 0) return;
    const queued = pending.times[pending.head]!;
    const since = this.timing === 'from-previous-reply' ? Math.max(queued, this.lastReplyAt) : queued;
    if (now - since > this.answerTimeoutMs) {
      this.fail(
        new BackendError(
          `backend ${this.endpoint.address} did not answer within ${this.answerTimeoutMs} ms`,
          'TIMEOUT',
          this.endpoint.address,
        ),
      );
    }
  }

  /** Ends the connection. Requests in flight fail with `reason`, but are counted until they are resolved. */
  fail(reason: BackendError): void {
    if (this.closed) return;
    this.closed = true;
    this.accepting = false;
    clearTimeout(this.connectTimer);
    this.socket.destroy();
    this.output.clear();
    this.onClosed(this, reason);
    this.abandonPending(reason.reply);
    this.wakeWaiters();
  }

  private unreachable(why: string): BackendError {
    const { address } = this.endpoint;
    return new BackendError(`backend ${address} is unreachable: ${why}`, 'UNREACHABLE', address);
  }

  /**
   * Fails what is pending. Requests that may change data stay in flight, as zombies, because the server may
   * still execute them; reads, and requests that were never sent, do not.
   */
  private abandonPending(error: Buffer): void {
    const { pending, context } = this;
    const zombies = new Map<number, number>();
    const done: number[] = [];
    // The slots are settled before the first failure is delivered: a failure may make sessions go on.
    const failures: { target: ReplyTarget; token: number }[] = [];
    while (pending.length > 0) {
      const { head } = pending;
      const target = pending.targets[head]!;
      const token = pending.tokens[head]!;
      const slot = pending.slots[head]!;
      const lasting = this.sent && COMMAND_IS_HARMLESS[pending.commands[head]!] === 0;
      const count = slot === SLOTS_OF_TARGET ? target.slotCount(token) : 1;
      for (let i = 0; i < count; i++) {
        const each = slot === SLOTS_OF_TARGET ? target.slotAt(token, i) : slot;
        if (lasting) zombies.set(each, (zombies.get(each) ?? 0) + 1);
        else done.push(each);
      }
      failures.push({ target, token });
      pending.shift();
    }
    if (zombies.size > 0) context.zombies.add(this.endpoint, this.name, zombies);
    for (const slot of done) context.gate.leave(slot);
    for (const { target, token } of failures) target.takeFailure(token, error);
  }

  private readTarget(): Buffer {
    return this.filled === 0 ? this.buffer : this.buffer.subarray(this.filled);
  }

  private onBytes(bytes: number): boolean {
    if (this.closed) return false;
    this.filled += bytes;
    this.context.clock.update();
    let at = 0;
    if (this.handshake !== null) {
      at = this.takeHandshake();
      if (at === -1) return false;
    }
    at = this.takeReplies(at);
    if (at === -1) return false;
    this.makeRoom(at);
    if (!this.accepting) this.updateAccepting();
    return true;
  }

  private takeHandshake(): number {
    const handshake = this.handshake!;
    let at: number;
    try {
      at = handshake.take(this.buffer, 0, this.filled);
    } catch (error) {
      this.fail(error instanceof BackendError ? error : this.unreachable(errorMessage(error)));
      return -1;
    }
    if (handshake.done) {
      // Asked again, now that the server knows the connection by its name: whoever fenced this proxy while it
      // was connecting has either killed the connection, or ended our right to use it before.
      if (!this.context.mayOpen()) {
        this.fail(this.unreachable('the proxy lost its session with the coordinator while connecting'));
        return -1;
      }
      this.handshake = null;
      clearTimeout(this.connectTimer);
      this.context.scheduler.write(this);
    }
    return at;
  }

  private takeReplies(from: number): number {
    const { pending, scanner, buffer, filled, context, counts } = this;
    const { inFlight } = context.gate;
    const { counters } = context;
    const slowMs = context.slowLog.thresholdMs;
    const now = context.clock.now;
    const lasting = buffer !== this.usualBuffer;
    this.lastReplyAt = now;
    let at = from;
    while (at < filled) {
      const behind = scanner.scan(buffer, at, filled);
      if (behind === UNFINISHED) {
        if (scanner.needed > context.limits.maxReplyBytes) return this.refuseReply();
        break;
      }
      if (behind === NOT_RESP || pending.length === 0) {
        this.fail(new BackendError(`backend ${this.endpoint.address} broke the Redis protocol`));
        return -1;
      }
      const { head } = pending;
      const target = pending.targets[head]!;
      const token = pending.tokens[head]!;
      const slot = pending.slots[head]!;
      const took = now - pending.times[head]!;
      counts.latency.record(took);
      if (buffer[at] === ERROR_TYPE) {
        counters.serverErrors++;
        counts.answeredError(kindOfReply(buffer, at));
      }
      if (took >= slowMs) this.noteSlow(head, took, buffer[at] === ERROR_TYPE);
      pending.shift();
      target.takeReply(token, buffer, at, behind, lasting);
      if (slot >= 0) {
        if (--inFlight[slot]! === 0) context.gate.drained(slot);
      } else {
        leaveSlots(context.gate, target, token);
      }
      at = behind;
      if (this.closed) return -1;
    }
    return at;
  }

  private refuseReply(): -1 {
    const { maxReplyBytes } = this.context.limits;
    this.fail(
      new BackendError(`backend ${this.endpoint.address} sent a reply of more than ${maxReplyBytes} bytes`),
    );
    return -1;
  }

  private noteSlow(index: number, durationMs: number, failed: boolean): void {
    const { pending, endpoint, context } = this;
    const command = pending.commands[index]!;
    const slot = pending.slots[index]! === SLOTS_OF_TARGET ? NO_SLOT : pending.slots[index]!;
    const { keys, keyLengths } = pending;
    const keyStart = index * SHOWN_KEY_BYTES;
    context.slowLog.note(
      durationMs,
      command,
      slot,
      failed,
      endpoint.address,
      keys,
      keyStart,
      keyLengths[index]!,
    );
  }

  /**
   * Keeps the unfinished reply that begins at `from` and makes sure that more of it can be read.
   *
   * Only the usual buffer is written over: parts of a larger one may have been handed out for good.
   */
  private makeRoom(from: number): void {
    const rest = this.filled - from;
    if (this.scanner.needed <= READ_BYTES || rest === 0) {
      if (this.buffer !== this.usualBuffer || from > 0) this.moveRest(this.usualBuffer, from);
    } else if (this.buffer === this.usualBuffer || from > 0 || this.filled === this.buffer.length) {
      // Memory follows what has arrived, not the length that a reply announces.
      this.moveRest(Buffer.allocUnsafeSlow(Math.max(rest, READ_BYTES) * 2), from);
    }
  }

  private moveRest(buffer: Buffer, from: number): void {
    if (from < this.filled) this.buffer.copy(buffer, 0, from, this.filled);
    this.filled -= from;
    this.buffer = buffer;
  }

  private updateAccepting(): void {
    const waiting = this.output.length + (this.handshake === null ? this.socket.writableLength : 0);
    const accepting =
      !this.closed && waiting < this.context.limits.backendBufferBytes && this.pending.length < PENDING_MAX;
    if (accepting === this.accepting) return;
    this.accepting = accepting;
    if (accepting) this.wakeWaiters();
  }

  private wakeWaiters(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter();
  }
}

function enterSlots(gate: SlotGate, target: ReplyTarget, token: number): void {
  const count = target.slotCount(token);
  for (let i = 0; i < count; i++) gate.enter(target.slotAt(token, i));
}

function leaveSlots(gate: SlotGate, target: ReplyTarget, token: number): void {
  const count = target.slotCount(token);
  for (let i = 0; i < count; i++) gate.leave(target.slotAt(token, i));
}
