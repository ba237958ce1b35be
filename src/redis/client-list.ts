/** One connection of a server, as CLIENT LIST shows it. */
export interface ListedClient {
  readonly id: string;
  /** Empty unless it was named. */
  readonly name: string;
  /** The last command, in small letters; `NULL` before the first. */
  readonly command: string;
}

export function parseClientList(text: string): ListedClient[] {
  return text.split('\n').flatMap((line) => {
    const id = /(?:^| )id=(\d+)/.exec(line)?.[1];
    if (id === undefined) return [];
    return [
      { id, name: / name=(\S*)/.exec(line)?.[1] ?? '', command: / cmd=(\S*)/.exec(line)?.[1] ?? 'NULL' },
    ];
  });
}

const FEEDING = new Set(['restore', 'restore-asking', 'select', 'auth', 'NULL']);

/**
 * Whether another server's MIGRATE may be sending keys over this connection. Such connections have no name.
 * A stranger's that has done nothing yet looks alike.
 */
export function isMigrateFeed({ name, command }: ListedClient): boolean {
  return name === '' && FEEDING.has(command);
}

/**
 * How many of a server's commands have ended with IOERR since it was started: those MIGRATE that gave up on
 * their target are among them. From `INFO errorstats`, which Redis has since 6.2; 0 from older servers.
 */
export function ioErrors(info: string): number {
  return Number(/^errorstat_IOERR:count=(\d+)/m.exec(info)?.[1] ?? 0);
}
