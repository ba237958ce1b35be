import { z } from 'zod';
import type { Flavour } from '../protocol/gtid/gtid-set.js';
import type { SyncerState, SyncerStatus } from '../syncer/syncer-status.js';

/** How the syncer is: the member that leads knows it, and tells the others. */
export const syncerReport = z.object({
  state: z.enum(['STOPPED', 'CONNECTING', 'RUNNING', 'RETRYING', 'FAILED']),
  reason: z.string().nullable(),
  flavour: z.enum(['MYSQL', 'MARIADB']).nullable(),
  sourceVersion: z.string().nullable(),
  isSemiSyncActive: z.boolean(),
  sourceFile: z.string().nullable(),
  sourcePosition: z.number().nullable(),
  secondsBehindSource: z.number().nullable(),
  eventsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  connectedAt: z.coerce.date().nullable(),
  reconnects: z.number(),
});
export type SyncerReport = z.infer<typeof syncerReport>;

/** A report, or what can be said without one: then what only the leader can count is null. */
export type SyncerOutlook = Omit<SyncerReport, Counted> & { readonly [K in Counted]: number | null };
type Counted = 'eventsPerSecond' | 'bytesPerSecond' | 'reconnects';

export interface SyncerCondition {
  readonly state: SyncerState;
  readonly reason: string | null;
}

/** The report of the syncer of this very member. */
export function ownSyncerReport(status: SyncerStatus, condition: SyncerCondition): SyncerReport {
  const { ingest } = status;
  return {
    ...condition,
    flavour: status.flavour,
    sourceVersion: status.sourceVersion,
    isSemiSyncActive: status.isSemiSyncActive,
    sourceFile: ingest?.sourceFile || null,
    sourcePosition: ingest?.sourcePosition ?? null,
    secondsBehindSource: status.secondsBehindSource,
    eventsPerSecond: status.events.perSecond,
    bytesPerSecond: status.bytes.perSecond,
    connectedAt: status.connectedAt,
    reconnects: status.reconnects,
  };
}

/** The outlook of a syncer about which no more is known. */
export function unknownSyncer(condition: SyncerCondition, flavour: Flavour | null): SyncerOutlook {
  return {
    ...{ ...condition, flavour, sourceVersion: null, isSemiSyncActive: false },
    ...{ sourceFile: null, sourcePosition: null, secondsBehindSource: null },
    ...{ eventsPerSecond: null, bytesPerSecond: null, connectedAt: null, reconnects: null },
  };
}
