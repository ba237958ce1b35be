import { COMMANDS } from './commands/table.js';

/** How much of a key is shown. */
export const SHOWN_KEY_BYTES = 32;

/** Instead of a key's length, for a request that has no key, or several. */
export const NO_KEY = -1;

/** Instead of a slot, for a request that has keys of several, or none. */
export const NO_SLOT = -1;

/** A request that took long, from being read until its reply was. */
export interface SlowRequest {
  /** Counts up from 1 for every slow request since the proxy was started. */
  readonly id: number;
  /** When its reply came; milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  /** In small letters. */
  readonly command: string;
  /** The one key of the request, printable, the beginning of a long one; null when it has none or several. */
  readonly key: string | null;
  /** Null when it has keys of several slots, or none. */
  readonly slot: number | null;
  readonly server: string;
  /** Whether the reply was an error of the server. */
  readonly failed: boolean;
}

/**
 * The last requests that took longer than a threshold. Costs nothing while none does, and little when all do: an
 * overloaded proxy must not become slower by taking note of it. Hence arrays that are written over, and no text
 * before somebody reads.
 */
export class SlowLog {
  private noted = 0;
  private readonly at: Float64Array;
  private readonly durations: Float64Array;
  private readonly commands: Int16Array;
  private readonly slots: Int16Array;
  private readonly failures: Uint8Array;
  private readonly servers: string[];
  private readonly keys: Uint8Array;
  private readonly keyLengths: Int32Array;

  /**
   * @param thresholdMs requests that take less are not noted
   * @param length how many are kept; 0: none are noted
   */
  constructor(
    readonly thresholdMs: number,
    private readonly length: number,
  ) {
    this.at = new Float64Array(length);
    this.durations = new Float64Array(length);
    this.commands = new Int16Array(length);
    this.slots = new Int16Array(length);
    this.failures = new Uint8Array(length);
    this.servers = new Array<string>(length).fill('');
    this.keys = new Uint8Array(length * SHOWN_KEY_BYTES);
    this.keyLengths = new Int32Array(length);
  }

  /**
   * @param command by its index
   * @param slot or NO_SLOT
   * @param keyLength or NO_KEY; of a longer key only the first SHOWN_KEY_BYTES are at `keys[keyStart]`
   */
  note(
    durationMs: number,
    command: number,
    slot: number,
    failed: boolean,
    server: string,
    keys: Uint8Array,
    keyStart: number,
    keyLength: number,
  ): void {
    if (this.length === 0) return;
    const index = this.noted % this.length;
    this.noted++;
    this.at[index] = Date.now();
    this.durations[index] = durationMs;
    this.commands[index] = command;
    this.slots[index] = slot;
    this.failures[index] = failed ? 1 : 0;
    this.servers[index] = server;
    this.keyLengths[index] = keyLength;
    const kept = keyLength < SHOWN_KEY_BYTES ? keyLength : SHOWN_KEY_BYTES;
    const own = index * SHOWN_KEY_BYTES;
    for (let i = 0; i < kept; i++) this.keys[own + i] = keys[keyStart + i]!;
  }

  /** The newest first. */
  read(): SlowRequest[] {
    return this.since(0).reverse();
  }

  /** Those with a number above the given one that are still kept, the oldest first. */
  since(id: number): SlowRequest[] {
    const first = Math.max(id + 1, this.noted - this.length + 1);
    return Array.from({ length: Math.max(0, this.noted - first + 1) }, (_, i) => this.entry(first + i));
  }

  private entry(id: number): SlowRequest {
    const index = (id - 1) % this.length;
    const slot = this.slots[index]!;
    return {
      id,
      at: this.at[index]!,
      durationMs: this.durations[index]!,
      command: COMMANDS[this.commands[index]!]!.name,
      key: showKeyPrefix(this.keys, index * SHOWN_KEY_BYTES, this.keyLengths[index]!),
      slot: slot === NO_SLOT ? null : slot,
      server: this.servers[index]!,
      failed: this.failures[index] === 1,
    };
  }
}

/** Printable, whatever bytes the key has. */
function showKeyPrefix(bytes: Uint8Array, start: number, length: number): string | null {
  if (length === NO_KEY) return null;
  let text = '';
  for (let i = start; i < start + Math.min(length, SHOWN_KEY_BYTES); i++) {
    const byte = bytes[i]!;
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return length > SHOWN_KEY_BYTES ? `${text}… (${length} bytes)` : text;
}
