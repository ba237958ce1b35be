/**
 * Whoever goes by file and position has coordinates of one server's files, and they mean something else in another's. So ours
 * bear a name that no source's do: with one of a source there is nothing to be found here.
 */
export const SEGMENT_BASE_NAME = 'quorate-binlog';

/** In version 0.1.0 they were named as sources often name theirs. */
const FORMER_BASE_NAME = 'binlog';

const NAME = /^(quorate-binlog|binlog)\.(\d{6,15})$/;

/** `quorate-binlog.000001`, with more digits when it needs them. */
export function segmentName(number: number): string {
  return named(SEGMENT_BASE_NAME, number);
}

/** As version 0.1.0 named it. */
export function formerSegmentName(number: number): string {
  return named(FORMER_BASE_NAME, number);
}

/** Null when it is no name of a segment. */
export function segmentNumber(name: string): number | null {
  return numberIn(name, SEGMENT_BASE_NAME);
}

/** Null when it is no name that version 0.1.0 gave to a segment. */
export function formerSegmentNumber(name: string): number | null {
  return numberIn(name, FORMER_BASE_NAME);
}

function named(base: string, number: number): string {
  return `${base}.${String(number).padStart(6, '0')}`;
}

function numberIn(name: string, base: string): number | null {
  const [, found, digits = '0'] = NAME.exec(name) ?? [];
  const number = Number(digits);
  return found === base && number > 0 && named(base, number) === name ? number : null;
}
