import { NO_KEY, SHOWN_KEY_BYTES } from '../slow-log.js';
import type { ReplyTarget } from './reply-target.js';

const INITIAL_CAPACITY = 256;

/**
 * The requests of one connection that wait for their replies, oldest first.
 *
 * Parallel arrays that are reused for ever: a request costs a few stores and no object. What belongs to the
 * entry at `index` is valid from {@link push} until {@link shift}.
 */
export class PendingRing {
  targets: (ReplyTarget | null)[];
  tokens: Int32Array;
  /** The slot that the request counts for; SLOTS_OF_TARGET when the target knows several. */
  slots: Int16Array;
  commands: Int16Array;
  /** When the request was queued, in milliseconds of the monotonic clock. */
  times: Float64Array;
  /** The first bytes of the request's one key, SHOWN_KEY_BYTES of room for each entry. */
  keys: Uint8Array;
  /** Length of that key; -1 without one. */
  keyLengths: Int32Array;
  head = 0;
  length = 0;
  private mask = INITIAL_CAPACITY - 1;

  constructor() {
    this.targets = new Array<ReplyTarget | null>(INITIAL_CAPACITY).fill(null);
    this.tokens = new Int32Array(INITIAL_CAPACITY);
    this.slots = new Int16Array(INITIAL_CAPACITY);
    this.commands = new Int16Array(INITIAL_CAPACITY);
    this.times = new Float64Array(INITIAL_CAPACITY);
    this.keys = new Uint8Array(INITIAL_CAPACITY * SHOWN_KEY_BYTES);
    this.keyLengths = new Int32Array(INITIAL_CAPACITY);
  }

  push(target: ReplyTarget, token: number, slot: number, command: number, time: number): void {
    if (this.length > this.mask) this.grow();
    const index = (this.head + this.length) & this.mask;
    this.targets[index] = target;
    this.tokens[index] = token;
    this.slots[index] = slot;
    this.commands[index] = command;
    this.times[index] = time;
    this.keyLengths[index] = NO_KEY;
    this.length++;
  }

  /** Remembers the key of the newest entry, `source[start, end)`. */
  noteKey(source: Uint8Array, start: number, end: number): void {
    const { keys } = this;
    const index = (this.head + this.length - 1) & this.mask;
    this.keyLengths[index] = end - start;
    const stop = end - start > SHOWN_KEY_BYTES ? start + SHOWN_KEY_BYTES : end;
    for (let from = start, to = index * SHOWN_KEY_BYTES; from < stop; from++, to++) keys[to] = source[from]!;
  }

  /** Removes the oldest entry; its arrays' content stays readable at the old `head` until the next push. */
  shift(): void {
    this.targets[this.head] = null;
    this.head = (this.head + 1) & this.mask;
    this.length--;
  }

  private grow(): void {
    const old = this.mask + 1;
    const capacity = old * 2;
    const targets = new Array<ReplyTarget | null>(capacity).fill(null);
    for (let i = 0; i < this.length; i++) targets[i] = this.targets[(this.head + i) & this.mask]!;
    this.targets = targets;
    this.tokens = unroll(this.tokens, new Int32Array(capacity), this.head);
    this.slots = unroll(this.slots, new Int16Array(capacity), this.head);
    this.commands = unroll(this.commands, new Int16Array(capacity), this.head);
    this.times = unroll(this.times, new Float64Array(capacity), this.head);
    this.keys = unroll(this.keys, new Uint8Array(capacity * SHOWN_KEY_BYTES), this.head * SHOWN_KEY_BYTES);
    this.keyLengths = unroll(this.keyLengths, new Int32Array(capacity), this.head);
    this.head = 0;
    this.mask = capacity - 1;
  }
}

function unroll<T extends Int32Array | Int16Array | Float64Array | Uint8Array>(
  ring: T,
  straight: T,
  head: number,
): T {
  straight.set(ring.subarray(head), 0);
  straight.set(ring.subarray(0, head), ring.length - head);
  return straight;
}
