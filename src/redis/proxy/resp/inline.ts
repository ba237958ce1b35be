const SPACES = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x00]);
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const ESCAPES = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/**
 * Splits a line into words the way Redis does: words are separated by white space, `"..."` understands
 * `\n \r \t \b \a \xHH`, `'...'` understands only `\'`, and a closing quote must end its word.
 *
 * @returns null when quotes are not balanced.
 */
export function splitInline(line: Uint8Array): Buffer[] | null {
  const words: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && SPACES.has(line[at]!)) at++;
    if (at >= line.length) return words;
    const word: number[] = [];
    const behind = readWord(line, at, word);
    if (behind === -1) return null;
    words.push(Buffer.from(word));
    at = behind;
  }
}

function readWord(line: Uint8Array, from: number, word: number[]): number {
  let at = from;
  while (at < line.length && !SPACES.has(line[at]!)) {
    const byte = line[at]!;
    if (byte !== DOUBLE_QUOTE && byte !== SINGLE_QUOTE) {
      word.push(byte);
      at++;
      continue;
    }
    at = readQuoted(line, at + 1, byte, word);
    if (at === -1 || (at < line.length && !SPACES.has(line[at]!))) return -1;
  }
  return at;
}

function readQuoted(line: Uint8Array, from: number, quote: number, word: number[]): number {
  let at = from;
  while (at < line.length) {
    const byte = line[at]!;
    if (byte === quote) return at + 1;
    const following = line[at + 1];
    if (byte === BACKSLASH && quote === SINGLE_QUOTE && following === SINGLE_QUOTE) {
      word.push(SINGLE_QUOTE);
      at += 2;
    } else if (byte === BACKSLASH && quote === DOUBLE_QUOTE && following !== undefined) {
      const hex = following === 0x78 ? hexByte(line, at + 2) : -1;
      word.push(hex !== -1 ? hex : (ESCAPES.get(following) ?? following));
      at += hex !== -1 ? 4 : 2;
    } else {
      word.push(byte);
      at++;
    }
  }
  return -1;
}

function hexByte(line: Uint8Array, at: number): number {
  const text = String.fromCharCode(line[at] ?? 0, line[at + 1] ?? 0);
  return /^[0-9a-fA-F]{2}$/.test(text) ? Number.parseInt(text, 16) : -1;
}
