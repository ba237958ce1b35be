import { z } from 'zod';
import type { SlaveInfo } from '../server/binlog-server.js';
import type { ServerRunners } from './server-runners.js';
import { syncerReport, type SyncerReport } from './syncer-report.js';

/** More than any member has. */
const MAX_SERVERS = 1_000;
const MAX_SLAVES = 2_000;

const slaveReport = z.object({
  connectionId: z.number(),
  serverId: z.number(),
  serverUuid: z.string().nullable(),
  hostName: z.string().nullable(),
  address: z.string(),
  user: z.string(),
  flavour: z.enum(['MYSQL', 'MARIADB']),
  semiSync: z.boolean(),
  connectedAt: z.coerce.date(),
  currentGtid: z.string().nullable(),
  offset: z.number(),
  lagBytes: z.number(),
  lagSeconds: z.number().nullable(),
  eventsPerSecond: z.number(),
  bytesPerSecond: z.number(),
}) satisfies z.ZodType<SlaveInfo>;

const serverReport = z.object({
  name: z.string(),
  /** The revision of the record that it was started by. */
  revision: z.string(),
  state: z.enum(['STARTING', 'RUNNING', 'FAILED']),
  reason: z.string().nullable(),
  slaves: z.array(slaveReport).max(MAX_SLAVES),
});
export type ServerReport = z.infer<typeof serverReport>;

/** What a member tells the others about its binlog servers and who is attached to them, and, when it leads, about the syncer. */
export const memberReport = z.object({
  servers: z.array(serverReport).max(MAX_SERVERS),
  /** An older build says nothing of it. */
  syncer: syncerReport.nullish(),
  /** When it leads: by member's id, up to where each has the journal; null for one that is not in touch. */
  offsets: z.record(z.string(), z.number().nullable()).nullish(),
  /** Why nothing can be written to its journal's disk, when that is full. */
  fullDisk: z.string().nullish(),
});
export type MemberReport = z.infer<typeof memberReport>;

/**
 * @param syncer null when this member does not lead
 * @param offsets of all copies, when this member leads
 */
export function reportOf(
  runners: ServerRunners,
  syncer: SyncerReport | null,
  offsets: ReadonlyMap<string, number | null> | null,
  fullDisk: string | null,
): MemberReport {
  const servers = runners.list().map(({ name, revision, runner }) => ({
    ...{ name, revision: String(revision), state: runner.state, reason: runner.reason },
    slaves: runner.slaves().slice(0, MAX_SLAVES),
  }));
  return {
    servers: servers.slice(0, MAX_SERVERS),
    syncer,
    offsets: offsets && Object.fromEntries(offsets),
    fullDisk,
  };
}
