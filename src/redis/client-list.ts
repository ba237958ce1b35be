/** One connection of a server, as CLIENT LIST shows it. */
export interface ListedClient {
  /** Ascending in the order in which the server took them. */
  readonly id: string;
  /** Empty unless it was named. */
  readonly name: string;
  /** The last command, in small letters; `NULL` before the first. */
  readonly command: string;
  /** How long it has been connected, in whole seconds. */
  readonly ageSeconds: number;
  /** For how long it has sent nothing, in whole seconds. */
  readonly idleSeconds: number;
  /** The client library that it has named; empty unless it has, and on servers before 7.2. */
  readonly library: string;
  /** The address it comes from, as the server sees it, without port and brackets. */
  readonly host: string;
}

export function parseClientList(text: string): ListedClient[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** Those without a name: few, where everybody says who he is, so that the rest of a long list costs little. */
export function parseUnnamed(text: string): ListedClient[] {
  return text.split('\n').flatMap((line) => (line.includes(' name= ') ? (parseLine(line) ?? []) : []));
}

function parseLine(line: string): ListedClient | undefined {
  const id = /(?:^| )id=(\d+)/.exec(line)?.[1];
  if (id === undefined) return undefined;
  return {
    id,
    name: / name=(\S*)/.exec(line)?.[1] ?? '',
    command: / cmd=(\S*)/.exec(line)?.[1] ?? 'NULL',
    ageSeconds: Number(/ age=(\d+)/.exec(line)?.[1] ?? 0),
    idleSeconds: Number(/ idle=(\d+)/.exec(line)?.[1] ?? 0),
    library: / lib-name=(\S*)/.exec(line)?.[1] ?? '',
    host: (/ addr=(\S*):\d+/.exec(line)?.[1] ?? '').replace(/^\[|\]$/g, ''),
  };
}
