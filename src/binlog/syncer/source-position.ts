/** A file of a source's binlog. */
export interface SourceFile {
  /** The server that has the file: the UUID of one of MySQL, the number of one of MariaDB. */
  readonly server: string;
  readonly name: string;
}

/** A place in the binlog of a source, in its own files. */
export interface SourcePosition {
  readonly server: string;
  readonly file: string;
  readonly position: number;
}

/** As the API takes and shows it. */
export function placeOf(file: string, position: number): string {
  return `${file}:${position}`;
}

/** Whether it is a place, and not a GTID. */
export function isPosition(name: string): boolean {
  return /^[^:]*\.\d+:\d+$/.test(name);
}

/**
 * Whether one place comes before another, or is the same, in the files of one server.
 *
 * @param file has a number behind its last dot, as the other has
 */
export function isAtOrBefore(file: string, position: number, other: SourcePosition): boolean {
  if (file === other.file) return position <= other.position;
  return numberOf(file) < numberOf(other.file);
}

function numberOf(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1));
}
