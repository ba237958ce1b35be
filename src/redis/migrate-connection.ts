import type { ListedClient } from './client-list.js';

/**
 * A MIGRATE connection is one over which MIGRATE of one server sends keys to another. It has no name, and cannot be given
 * one.
 *
 * A server keeps one connection for each target and uses it again for ten seconds. It never goes back to one that it has
 * given up. What it sent over that, and was not answered, may still be executed by the target much later. Such a late
 * RESTORE would undo what clients have written since. Only the target knows for certain which connections can still
 * bring something: those that it has.
 */

/** A server closes a MIGRATE connection that it has not used for so long, in milliseconds. */
export const MIGRATE_IDLE_MS = 10_000;

/** A connection that sent something more lately was not given up before its successor was closed as idle. */
const SURELY_LATELY_SECONDS = MIGRATE_IDLE_MS / 1000 - 2;

/** The server counts begun seconds: less may be no time at all. Every MIGRATE that we send waits for longer. */
const STARTED_SECONDS = 2;

const RESTORING = new Set(['restore', 'restore-asking']);
const STARTING = new Set(['select', 'auth', 'NULL']);

/** The hosts from which keys are being sent, or were last. */
export function migratingHosts(clients: readonly ListedClient[]): string[] {
  return clients.filter(isRestoring).map(({ host }) => host);
}

/**
 * The connections that may be MIGRATE connections, those that were given up among them; the newest comes last.
 *
 * One that has restored something is recognised by that. One that has not looks like anybody's who has connected
 * and not yet said who he is, our own included; but a MIGRATE that has given up waited for longer than anybody takes to
 * do so, it came from one of the servers concerned, and it names no client library.
 *
 * @param hosts where those servers' connections come from
 */
export function migrateConnectionsAmong(
  clients: readonly ListedClient[],
  hosts: ReadonlySet<string>,
): ListedClient[] {
  return clients
    .filter((client) => isRestoring(client) || (isStarting(client) && hosts.has(client.host)))
    .sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

function isRestoring({ name, command }: ListedClient): boolean {
  return name === '' && RESTORING.has(command);
}

function isStarting({ name, library, command, ageSeconds }: ListedClient): boolean {
  return name === '' && library === '' && STARTING.has(command) && ageSeconds >= STARTED_SECONDS;
}

/**
 * Whether a MIGRATE connection may be in use, by what the target says of it. A connection that was given up has sent
 * nothing since its successor was opened, and a successor that its server has closed as idle was idle for ten seconds.
 */
export function wasUsedLately({ idleSeconds }: ListedClient): boolean {
  return idleSeconds < SURELY_LATELY_SECONDS;
}

/**
 * How many MIGRATE connections a server has open, to all targets together, from its `INFO stats`; 0 when it does not
 * say. This is what the server has, not what it has counted: CONFIG RESETSTAT leaves it as it is.
 */
export function openMigrateConnections(info: string): number {
  return Number(/^migrate_cached_sockets:(\d+)/m.exec(info)?.[1] ?? 0);
}
