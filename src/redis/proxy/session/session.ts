import type { Socket } from 'node:net';
import type { BackendConnection } from '../backend/connection.js';
import {
  COMMAND_ARITY,
  COMMAND_KIND,
  KIND_OTHER,
  KIND_READ_BY_KEY_1,
  lookupCommand,
  UNKNOWN_COMMAND,
} from '../commands/table.js';
import type { ProxyContext } from '../context.js';
import { keySlot } from '../../key-slot.js';
import { errorOfKind } from '../error-replies.js';
import { error } from '../resp/encode.js';
import {
  COMPLETE_INLINE,
  EMPTY,
  INCOMPLETE,
  INVALID,
  RequestParser,
  UNAUTHENTICATED_LIMITS,
} from '../resp/request-parser.js';
import type { DirectRoutes } from '../router.js';
import type { ScheduledTask } from '../flush-scheduler.js';
import type { OnDemandMigration } from './on-demand-migration.js';
import type { Dispatcher } from './dispatcher.js';
import { InputBuffer } from './input-buffer.js';
import type { LongRequest } from './long-request.js';
import { ReplyQueue } from './reply-queue.js';
import type { RequestSession } from './request-session.js';

const NO_SLOT_HELD = -1;
/** How long the requests of one client are taken in one go, in milliseconds, and after how many the time is asked. */
const SLICE_MS = 2;
const TIMED_REQUESTS = 0x7f;

/**
 * One client. It takes its requests strictly in order: a request that cannot be sent on yet *parks* the
 * session, which then neither parses nor reads until something wakes it; the request is then looked at
 * again from the beginning.
 */
export class Session implements ScheduledTask, RequestSession {
  scheduled = false;
  readonly replies: ReplyQueue;
  readonly request: RequestParser;
  database = 0;
  authenticated: boolean;
  /** Whether the requests belong to a MULTI that was refused. */
  inRefusedTransaction = false;
  clientName = '';
  direct: DirectRoutes;
  /** Where the arguments of the current request are: an argument `i` is at `base + request.argStart[i]`. */
  source: Buffer = NOTHING;
  base = 0;
  /** The keys of the current request are being brought over, or have been. */
  onDemandMigration: OnDemandMigration | null = null;
  /** The current request, when it has more keys than are handled in one go. */
  long: LongRequest | null = null;
  closed = false;

  private readonly openedAt = performance.now();
  private readonly input = new InputBuffer();
  private parsed = false;
  private inline = false;
  private parked = false;
  private closing = false;
  private heldSlot = NO_SLOT_HELD;
  private holdTimer: NodeJS.Timeout | null = null;
  private holdExpired = false;
  private inputEnded = false;
  /** Whether requests may be sent on at all. */
  private forwards: boolean;

  constructor(
    readonly id: number,
    readonly socket: Socket,
    readonly context: ProxyContext,
    private readonly dispatcher: Dispatcher,
    private readonly onClosed: (session: Session) => void,
  ) {
    this.authenticated = context.options.password === null;
    this.forwards = this.authenticated;
    this.request = new RequestParser(this.authenticated ? context.limits : UNAUTHENTICATED_LIMITS);
    this.replies = new ReplyQueue(socket, context, this.authenticated);
    this.direct = context.router.directRoutes(0);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('end', () => this.onInputEnded());
    // What went wrong with a client's connection concerns nobody else; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.onSocketClosed());
  }

  /** How long the client has been connected. */
  get ageSeconds(): number {
    return Math.floor((performance.now() - this.openedAt) / 1_000);
  }

  /** The bytes of the current request as they can be forwarded: `source[base, base + length)`. */
  get length(): number {
    return this.inline ? this.source.length : this.request.size;
  }

  selectDatabase(database: number): void {
    this.database = database;
    this.direct = this.context.router.directRoutes(database);
  }

  setAuthenticated(authenticated: boolean): void {
    this.authenticated = authenticated;
    this.request.setLimits(authenticated ? this.context.limits : UNAUTHENTICATED_LIMITS);
    this.replies.setTrusted(authenticated);
    this.updateForwards();
  }

  setInRefusedTransaction(inRefusedTransaction: boolean): void {
    this.inRefusedTransaction = inRefusedTransaction;
    this.updateForwards();
  }

  /** Takes no further request; closes when those taken have been answered. */
  endWhenAnswered(): void {
    if (this.closing) return;
    this.closing = true;
    this.replies.endWhenAnswered();
  }

  /** Takes no further request and closes at once, whatever has not been answered. Always true. */
  abort(): true {
    this.closing = true;
    this.socket.destroy();
    return true;
  }

  /**
   * Answers the current request with an error of the proxy. Always true: the request is done with.
   *
   * @param text what it repeats of the request is read as latin1, byte by byte
   */
  refuse(text: string): true {
    return this.refuseWith(error(text, 'latin1'));
  }

  refuseWith(reply: Buffer): true {
    this.context.counters.noteFailure(reply);
    this.replies.answer(reply);
    return true;
  }

  /** Parks until the slot changes. False: the session is parked; true: the hold time was over. */
  holdFor(slot: number): boolean {
    const { limits, held, counters } = this.context;
    if (this.holdExpired) return this.refuseWith(this.holdReply(slot));
    this.holdTimer ??= setTimeout(() => this.onHoldExpired(), limits.holdTimeoutMs);
    this.heldSlot = slot;
    counters.heldSessions++;
    held.add(slot, this);
    return this.park();
  }

  /** Whether the current request has been held as long as it may be. */
  get isHoldOver(): boolean {
    return this.holdExpired;
  }

  holdReply(slot: number): Buffer {
    const { holdTimeoutMs } = this.context.limits;
    return errorOfKind(
      'HELD',
      `ERR quorate: slot ${slot} is held for a topology change, timed out after ${holdTimeoutMs} ms`,
    );
  }

  /** The current request, or this piece of it, is held no longer. */
  endHold(): void {
    if (this.holdTimer !== null) {
      clearTimeout(this.holdTimer);
      this.holdTimer = null;
    }
    this.holdExpired = false;
  }

  /** Goes on in the next turn of the event loop. False, as if it waited for something. */
  giveWay(): false {
    this.park();
    this.context.scheduler.wake(this);
    return false;
  }

  waitFor(connection: BackendConnection): boolean {
    connection.whenAccepting(() => this.wake());
    return this.park();
  }

  waitForRoom(): boolean {
    this.replies.whenRoom(this);
    return this.park();
  }

  waitForOnDemandMigration(onDemandMigration: OnDemandMigration): boolean {
    this.onDemandMigration = onDemandMigration;
    return this.park();
  }

  wake(): void {
    if (!this.closed) this.context.scheduler.wake(this);
  }

  destroy(): void {
    this.socket.destroy();
  }

  runTask(): void {
    if (this.closed || !this.parked || this.onDemandMigration?.finished === false) return;
    this.parked = false;
    this.leaveHold();
    this.context.clock.update();
    this.process();
    if (!this.parked && !this.closing) this.socket.resume();
  }

  /** Neither parses nor reads until it is woken. */
  park(): false {
    if (!this.parked) {
      this.parked = true;
      this.socket.pause();
    }
    return false;
  }

  private onData(chunk: Buffer): void {
    if (this.closing) return;
    this.context.clock.update();
    this.input.add(chunk, this.request.needed);
    if (!this.parked) this.process();
  }

  /** A client that has sent its last request still gets its replies. */
  private onInputEnded(): void {
    this.inputEnded = true;
    if (!this.parked) this.endWhenAnswered();
  }

  private process(): void {
    const { request, input } = this;
    let taken = 0;
    // What a long request has begun is carried on even when no other is taken any more.
    while (!this.closed && (!this.closing || this.long?.hasBegun === true)) {
      if (!this.parsed) {
        // The time of a turn is that of the bytes that came with it.
        if ((++taken & TIMED_REQUESTS) === 0 && performance.now() - this.context.clock.now > SLICE_MS) {
          this.giveWay();
          return;
        }
        if (input.start === input.end) break;
        const result = request.parse(input.buffer, input.start, input.end);
        if (result === INCOMPLETE) break;
        if (result === EMPTY) {
          this.finishRequest();
          continue;
        }
        if (result === INVALID) {
          this.refuse(request.error);
          this.endWhenAnswered();
          return;
        }
        this.inline = result === COMPLETE_INLINE;
        this.source = this.inline ? request.rewritten : input.buffer;
        this.base = this.inline ? 0 : input.start;
        this.parsed = true;
      }
      if (!this.handle()) return;
      this.finishRequest();
    }
    this.source = NOTHING;
    input.release();
    if (this.inputEnded) this.endWhenAnswered();
  }

  /** Sends the current request on or answers it; false when the session has been parked instead. */
  private handle(): boolean {
    const { source, base, request, context } = this;
    const command = lookupCommand(source, base + request.argStart[0]!, base + request.argEnd[0]!);
    if (command !== UNKNOWN_COMMAND && this.forwards && this.onDemandMigration === null) {
      const kind = COMMAND_KIND[command]!;
      const arity = COMMAND_ARITY[command]!;
      if (kind !== KIND_OTHER && (arity > 0 ? request.argc === arity : request.argc >= -arity)) {
        const slot = keySlot(source, base + request.argStart[1]!, base + request.argEnd[1]!);
        const connection = (kind === KIND_READ_BY_KEY_1 ? this.direct.reads : this.direct.writes)[slot]!;
        if (connection !== null && connection.accepting && !this.replies.full) {
          context.counters.byCommand[command]!++;
          const token = this.replies.reserve();
          connection.send(this.replies, token, slot, command, source, base, base + this.length, true);
          connection.pending.noteKey(source, base + request.argStart[1]!, base + request.argEnd[1]!);
          return true;
        }
      }
    }
    return this.dispatcher.dispatch(this, command);
  }

  private finishRequest(): void {
    this.input.start += this.request.size;
    this.request.next();
    this.parsed = false;
    this.endHold();
    this.long = null;
  }

  private updateForwards(): void {
    this.forwards = this.authenticated && !this.inRefusedTransaction;
  }

  private onHoldExpired(): void {
    this.holdExpired = true;
    this.wake();
  }

  private leaveHold(): void {
    if (this.heldSlot === NO_SLOT_HELD) return;
    this.context.held.remove(this.heldSlot, this);
    this.context.counters.heldSessions--;
    this.heldSlot = NO_SLOT_HELD;
  }

  private onSocketClosed(): void {
    this.closed = true;
    this.leaveHold();
    if (this.holdTimer !== null) clearTimeout(this.holdTimer);
    if (this.onDemandMigration?.finished === true) this.onDemandMigration.release();
    this.replies.close();
    this.input.clear();
    this.onClosed(this);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
