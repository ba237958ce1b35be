import type { ReplyTarget } from '../backend/reply-target.js';
import { error, integer, OK } from '../resp/encode.js';
import { ReplyScanner } from '../resp/reply-scanner.js';

const ERROR_TYPE = 0x2d;
const INTEGER_TYPE = 0x3a;
const ARRAY_TYPE = 0x2a;

/** Makes one reply of the replies to all parts, none of which is an error. */
export type Joiner = (parts: readonly Buffer[]) => Buffer;

/** Gathers the replies to the parts of one request; if any is an error, the first of them is the reply. */
export class JoinedReply implements ReplyTarget {
  private readonly replies: Buffer[];
  private unanswered: number;
  private failure: Buffer | null = null;
  private failedByProxy = false;

  constructor(
    private readonly client: ReplyTarget,
    private readonly clientToken: number,
    private readonly join: Joiner,
    private readonly slots: readonly (readonly number[])[],
  ) {
    this.unanswered = slots.length;
    this.replies = new Array<Buffer>(slots.length);
  }

  takeReply(token: number, bytes: Buffer, start: number, end: number, lasting: boolean): void {
    const range = bytes.subarray(start, end);
    const reply = lasting ? range : Buffer.from(range);
    if (reply[0] === ERROR_TYPE) this.failure ??= reply;
    this.replies[token] = reply;
    this.answered();
  }

  takeFailure(_token: number, reply: Buffer): void {
    if (this.failure === null) this.failedByProxy = true;
    this.failure ??= reply;
    this.answered();
  }

  slotsOf(token: number): readonly number[] {
    return this.slots[token]!;
  }

  private answered(): void {
    this.unanswered--;
    if (this.unanswered > 0) return;
    if (this.failure !== null && this.failedByProxy) {
      this.client.takeFailure(this.clientToken, this.failure);
      return;
    }
    const reply = this.failure ?? this.join(this.replies);
    this.client.takeReply(this.clientToken, reply, 0, reply.length, true);
  }
}

/**
 * How the replies of a split command are joined.
 *
 * @param partOfKey for every key of the request, in its order, the part that it went with
 */
export function joinerFor(command: string, partOfKey: Int32Array): Joiner {
  switch (command) {
    case 'mget':
      return (parts) => interleave(parts, partOfKey);
    case 'mset':
      return () => OK;
    default:
      return sum;
  }
}

function sum(parts: readonly Buffer[]): Buffer {
  let total = 0;
  for (const part of parts) {
    if (part[0] !== INTEGER_TYPE) return unexpected();
    total += Number(part.toString('latin1', 1, part.length - 2));
  }
  return integer(total);
}

function interleave(parts: readonly Buffer[], partOfKey: Int32Array): Buffer {
  const scanner = new ReplyScanner();
  const offsets = new Int32Array(parts.length);
  for (const [i, part] of parts.entries()) {
    if (part[0] !== ARRAY_TYPE) return unexpected();
    offsets[i] = part.indexOf('\r\n') + 2;
  }
  const pieces: Buffer[] = [Buffer.from(`*${partOfKey.length}\r\n`)];
  for (const index of partOfKey) {
    const part = parts[index]!;
    const start = offsets[index]!;
    const end = scanner.scan(part, start, part.length);
    if (end < 0) return unexpected();
    pieces.push(part.subarray(start, end));
    offsets[index] = end;
  }
  return Buffer.concat(pieces);
}

function unexpected(): Buffer {
  return error('ERR quorate: a server answered a part of the request with an unexpected reply');
}
