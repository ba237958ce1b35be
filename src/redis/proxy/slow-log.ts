/** Of a key, so much is shown. */
export const SHOWN_KEY_BYTES = 32;

/** A request that took long, from being read until its reply was. */
export interface SlowRequest {
  /** Counts up from 1 for every slow request since the proxy was started. */
  readonly id: number;
  /** When its reply came; milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  /** In small letters. */
  readonly command: string;
  /** Its one key, printable, the beginning of a long one; null when it has none or several. */
  readonly key: string | null;
  /** Null when it has keys of several slots, or none. */
  readonly slot: number | null;
  readonly server: string;
  /** Whether the reply was an error of the server. */
  readonly failed: boolean;
}

/** The last requests that took longer than a threshold. Costs nothing while none does. */
export class SlowLog {
  private readonly entries: SlowRequest[] = [];
  private recorded = 0;

  /**
   * @param thresholdMs requests that take less are not noted
   * @param length how many are kept; 0: none are noted
   */
  constructor(
    readonly thresholdMs: number,
    private readonly length: number,
  ) {}

  note(request: Omit<SlowRequest, 'id' | 'at'>): void {
    this.add({ at: Date.now(), ...request });
  }

  /** Gives a request that was noted elsewhere a number of this log. */
  add(request: Omit<SlowRequest, 'id'>): void {
    if (this.length === 0) return;
    this.recorded++;
    this.entries.push({ ...request, id: this.recorded });
    if (this.entries.length > this.length) this.entries.shift();
  }

  /** The newest first. */
  read(): SlowRequest[] {
    return [...this.entries].reverse();
  }

  /** Those with a number above the given one, the oldest first. */
  since(id: number): SlowRequest[] {
    return this.entries.filter((entry) => entry.id > id);
  }
}

/** Printable, whatever bytes the key has. */
export function showKeyPrefix(bytes: Uint8Array, start: number, kept: number, length: number): string {
  let text = '';
  for (let i = start; i < start + kept; i++) {
    const byte = bytes[i]!;
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return length > kept ? `${text}… (${length} bytes)` : text;
}
