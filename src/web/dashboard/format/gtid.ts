/** A GTID set for people: one part for each source, what is long of it cut. */
export interface GtidPart {
  /** The source's UUID, or MariaDB's domain and server. */
  readonly source: string;
  readonly intervals: string;
}

/** Parts of a set as MySQL (`uuid:1-5,uuid:7`) or MariaDB (`0-1-5,1-2-9`) print it. */
export function gtidParts(set: string): GtidPart[] {
  const entries = set
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return entries.map((entry) => {
    const colon = entry.indexOf(':');
    if (colon > 0) return { source: entry.slice(0, colon), intervals: entry.slice(colon + 1) };
    const dash = entry.lastIndexOf('-');
    return { source: entry.slice(0, dash), intervals: entry.slice(dash + 1) };
  });
}

/** Such as `3e11fa47…:1-5`. */
export function shortGtid({ source, intervals }: GtidPart): string {
  const from = source.length > 12 ? `${source.slice(0, 8)}…` : source;
  const runs = intervals.split(':');
  const shown = runs.length > 3 ? `${runs[0]}:…${runs.length - 2} more…:${runs.at(-1)}` : intervals;
  return source.length > 12 ? `${from}:${shown}` : `${from}-${shown}`;
}
