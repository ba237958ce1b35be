import { createHash, randomUUID } from 'node:crypto';
import type { ServerRecord } from './records.js';

/** For a server that is added. */
export function newServerId(): string {
  return randomUUID();
}

/**
 * The id of a server for as long as it is in a group, wherever it is reached. Version 0.1.0 stored no id: such a server
 * has one that follows from what was stored of it, the same at every member, and that is stored before any of that changes.
 */
export function serverId({ id, address, runId }: Pick<ServerRecord, 'id' | 'address' | 'runId'>): string {
  if (id !== undefined) return id;
  return createHash('sha256')
    .update(JSON.stringify([address, runId]))
    .digest('hex')
    .slice(0, 32);
}
