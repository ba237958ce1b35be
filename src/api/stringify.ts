import { slices } from './slices.js';

/** What one answer may have. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** So much is written in one go. */
const PIECE_CHARACTERS = 128 * 1024;
const ITEMS_AT_ONCE = 32;
/** Below this there are no lists that are long. */
const MAX_DEPTH = 6;

/** JSON, as JSON.stringify makes it, in slices; null when it would be longer than an answer may be. */
export async function stringifyInSlices(value: unknown): Promise<string | null> {
  const pieces: string[] = [];
  let total = 0;
  let since = 0;
  for (const piece of piecesOf(value, 0)) {
    pieces.push(piece);
    total += piece.length;
    since += piece.length;
    if (total > MAX_ANSWER_BYTES) return null;
    if (since < PIECE_CHARACTERS) continue;
    since = 0;
    await slices.turn();
  }
  return pieces.join('');
}

function* piecesOf(value: unknown, depth: number): Generator<string> {
  if (depth < MAX_DEPTH && Array.isArray(value)) {
    yield '[';
    for (let i = 0; i < value.length; i += ITEMS_AT_ONCE) {
      if (i > 0) yield ',';
      yield JSON.stringify(value.slice(i, i + ITEMS_AT_ONCE)).slice(1, -1);
    }
    yield ']';
  } else if (depth < MAX_DEPTH && isPlain(value)) {
    let isFirst = true;
    yield '{';
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      yield `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
      yield* piecesOf(item, depth + 1);
      isFirst = false;
    }
    yield '}';
  } else {
    yield JSON.stringify(value) ?? 'null';
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
