const NAME = /^binlog\.(\d{6,15})$/;

/** `binlog.000001`, with more digits when it needs them. */
export function segmentName(number: number): string {
  return `binlog.${String(number).padStart(6, '0')}`;
}

/** Null when it is no name of a segment. */
export function segmentNumber(name: string): number | null {
  const number = Number(NAME.exec(name)?.[1] ?? 0);
  return number > 0 && segmentName(number) === name ? number : null;
}
