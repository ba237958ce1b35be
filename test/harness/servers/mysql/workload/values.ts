import type { Random } from '../../../random.js';

const PIECES = [
  'alpha',
  'Beta',
  "it''s",
  'naïve',
  '漢字',
  '😀',
  'back\\\\slash',
  '%_',
  '"q"',
  ' ',
  'zulu',
  '0',
];

/** A text of at most so many characters, as SQL. */
export function text(random: Random, most: number): string {
  const wanted = random.below(most + 1);
  let value = '';
  for (let length = 0; ;) {
    const piece = random.pick(PIECES);
    length += piece.length;
    if (length > wanted) return `'${value}'`;
    value += piece;
  }
}

/** At most so many bytes of any value, as SQL. */
export function bytes(random: Random, most: number): string {
  let hex = '';
  for (let left = random.below(most + 1); left > 0; left--)
    hex += random.below(256).toString(16).padStart(2, '0');
  return `x'${hex}'`;
}

/** Many bytes, made by the server from a few. */
export function bigBytes(random: Random, length: number): string {
  return `REPEAT(x'${random.between(0x10000000, 0x7fffffff).toString(16)}', ${Math.ceil(length / 4)})`;
}
