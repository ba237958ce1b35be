/** One connection of a server, as CLIENT LIST shows it. */
export interface ListedClient {
  readonly id: string;
  /** Empty unless it was named. */
  readonly name: string;
  /** The last command, in small letters; `NULL` before the first. */
  readonly command: string;
  /** How long it has been connected, in whole seconds. */
  readonly ageSeconds: number;
}

export function parseClientList(text: string): ListedClient[] {
  return text.split('\n').flatMap((line) => {
    const id = /(?:^| )id=(\d+)/.exec(line)?.[1];
    if (id === undefined) return [];
    const name = / name=(\S*)/.exec(line)?.[1] ?? '';
    const command = / cmd=(\S*)/.exec(line)?.[1] ?? 'NULL';
    return [{ id, name, command, ageSeconds: Number(/ age=(\d+)/.exec(line)?.[1] ?? 0) }];
  });
}

const RESTORING = new Set(['restore', 'restore-asking']);
const STARTING = new Set(['select', 'auth', 'NULL']);

/**
 * Whether another server's MIGRATE may be sending keys over this connection, or have given up on it. Such
 * connections have no name.
 *
 * One that has not restored anything yet looks like anybody's who has just connected, our own included before
 * they are named; but a MIGRATE that has given up waited for longer than anybody takes to say who he is.
 */
export function isMigrateFeed({ name, command, ageSeconds }: ListedClient): boolean {
  if (name !== '') return false;
  return RESTORING.has(command) || (STARTING.has(command) && ageSeconds >= 1);
}

/**
 * How many of a server's commands have ended with IOERR since it was started: those MIGRATE that gave up on
 * their target are among them. From `INFO errorstats`, which Redis has since 6.2; 0 from older servers.
 */
export function ioErrors(info: string): number {
  return Number(/^errorstat_IOERR:count=(\d+)/m.exec(info)?.[1] ?? 0);
}
