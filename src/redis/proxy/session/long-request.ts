import { error, integer, OK } from '../resp/encode.js';
import type { OutputBuffer } from '../output-buffer.js';
import type { JoinedReplyClient } from './joined-reply-client.js';
import type { ReplyQueue } from './reply-queue.js';
import { JOIN_ARRAYS, JOIN_SUM } from './split-request.js';

const ERROR_TYPE = 0x2d;
const INTEGER_TYPE = 0x3a;
const ARRAY_TYPE = 0x2a;
const STATUS_TYPE = 0x2b;
const LF = 0x0a;

/** Keys of a request that are looked at, or sent, in one go: together a fraction of a millisecond. */
export const PIECE_KEYS = 512;
/** Keys of a first piece that is answered with values, which may be large. */
const FIRST_PIECE_KEYS = 64;
/** What the reply to a piece should not exceed. */
const PIECE_BYTES = 512 * 1024;
/** Pieces of one request that are under way: its servers answer others in between. */
const PIECES_UNDER_WAY = 4;

const UNEXPECTED = error('ERR quorate: a server answered a part of the request with an unexpected reply');

/** What a long request asks of the session that it came with. */
interface WaitingSession {
  readonly replies: ReplyQueue;
  wake(): void;
}

/**
 * A request with more keys than are handled in one go. Its keys are looked at piece by piece, the event loop getting
 * its turn in between; if they are of several slots, it is also sent piece by piece, and the replies are joined when
 * all have come. Each piece is routed as it is sent. Tokens are the numbers of the pieces.
 */
export class LongRequest implements JoinedReplyClient {
  /** Whether the keys that have been looked at are all of the first one's slot. */
  isOfOneSlot = true;
  /** The first key of the next piece that is to be sent. */
  next = 0;
  /** The key behind the next piece; the same until that has been sent. */
  pieceEnd: number;
  readonly slots: Int16Array;
  private lookedAt = 0;
  private token = -1;
  private sent = 0;
  private answered = 0;
  private isComplete = false;
  private failure: Buffer | null = null;
  private failedByProxy = false;
  private sum = 0;
  private pieceKeys: number;
  /** How many keys the pieces had that have been sent. */
  private readonly keysOf: number[] = [];
  /** The elements of the pieces' replies, where they are joined. */
  private readonly elements: Buffer[] = [];
  private elementBytes = 0;

  /** @param positions which arguments are the keys; its own */
  constructor(
    private readonly session: WaitingSession,
    readonly positions: Int32Array,
    private readonly join: number,
  ) {
    this.slots = new Int16Array(positions.length);
    this.pieceKeys = join === JOIN_ARRAYS ? FIRST_PIECE_KEYS : PIECE_KEYS;
    this.pieceEnd = Math.min(this.keys, this.pieceKeys);
  }

  get keys(): number {
    return this.positions.length;
  }

  get hasFailed(): boolean {
    return this.failure !== null;
  }

  /** Whether a reply must come before the next piece may be sent. */
  get isBusy(): boolean {
    return this.sent - this.answered >= PIECES_UNDER_WAY;
  }

  /** Whether anything has been sent, so that its reply has its place among those of the session. */
  get hasBegun(): boolean {
    return this.token !== -1;
  }

  /** Whether all keys have been looked at. */
  get hasLooked(): boolean {
    return this.lookedAt === this.keys;
  }

  /** Looks at the next keys. */
  look(slotOf: (position: number) => number): void {
    const { positions, slots } = this;
    const end = Math.min(this.keys, this.lookedAt + 4 * PIECE_KEYS);
    for (let i = this.lookedAt; i < end; i++) {
      slots[i] = slotOf(positions[i]!);
      if (slots[i] !== slots[0]) this.isOfOneSlot = false;
    }
    this.lookedAt = end;
  }

  /** To be called before the first piece is sent. */
  begin(): void {
    this.token = this.session.replies.reserve();
  }

  /** The next piece is being sent. @returns its token */
  advance(): number {
    this.keysOf.push(this.pieceEnd - this.next);
    this.next = this.pieceEnd;
    this.pieceEnd = Math.min(this.keys, this.next + this.pieceKeys);
    return this.sent++;
  }

  /** Nothing more is sent. */
  complete(): void {
    this.isComplete = true;
    this.answerWhenDone();
  }

  /** The request cannot be carried on. */
  fail(reply: Buffer): void {
    if (this.failure !== null) return;
    this.failure = reply;
    this.failedByProxy = true;
  }

  takeReply(piece: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    this.answered++;
    if (bytes[start] === ERROR_TYPE) this.failure ??= Buffer.from(bytes.subarray(start, end));
    else if (!this.takeExpected(piece, bytes, start, end, lasting)) this.failure ??= UNEXPECTED;
    this.answerWhenDone();
  }

  takeFailure(_piece: number, reply: Buffer): void {
    this.answered++;
    this.fail(reply);
    this.answerWhenDone();
  }

  /** None: its entries are those of the requests that it is split into. */
  slotCount(): number {
    return 0;
  }

  slotAt(): number {
    throw new RangeError('A long request counts for no slot of its own.');
  }

  countParts(bytes: number): void {
    this.session.replies.countParts(bytes);
  }

  outputFor(): OutputBuffer | null {
    return null;
  }

  nextTaken(): void {
    throw new RangeError('A long request has no output.');
  }

  private takeExpected(piece: number, bytes: Buffer, start: number, end: number, lasting: boolean): boolean {
    const type = bytes[start];
    if (this.join === JOIN_SUM) {
      if (type !== INTEGER_TYPE) return false;
      this.sum += Number(bytes.toString('latin1', start + 1, end - 2));
      return true;
    }
    if (this.join !== JOIN_ARRAYS) return type === STATUS_TYPE;
    if (type !== ARRAY_TYPE) return false;
    const head = bytes.indexOf(LF, start) + 1;
    if (Number(bytes.toString('latin1', start + 1, head - 2)) !== this.keysOf[piece]) return false;
    const elements = bytes.subarray(head, end);
    // The next pieces are so many keys that their replies have about the size that is handled in one go.
    const perKey = 1 + elements.length / this.keysOf[piece]!;
    this.pieceKeys = Math.max(1, Math.min(PIECE_KEYS, 2 * this.pieceKeys, Math.floor(PIECE_BYTES / perKey)));
    this.elements[piece] = lasting ? elements : Buffer.from(elements);
    this.elementBytes += elements.length;
    this.countParts(elements.length);
    return true;
  }

  private answerWhenDone(): void {
    if (!this.isComplete) this.session.wake();
    else if (this.answered === this.sent) this.deliver();
  }

  private deliver(): void {
    const { token, failure, keys, elements } = this;
    const { replies } = this.session;
    if (this.elementBytes > 0) this.countParts(-this.elementBytes);
    if (failure !== null) {
      if (this.failedByProxy) replies.takeFailure(token, failure);
      else replies.takeReply(token, failure, 0, failure.length, true);
    } else if (this.join === JOIN_ARRAYS) {
      replies.takePieces(token, [Buffer.from(`*${keys}\r\n`), ...elements]);
    } else {
      const reply = this.join === JOIN_SUM ? integer(this.sum) : OK;
      replies.takeReply(token, reply, 0, reply.length, true);
    }
  }
}
