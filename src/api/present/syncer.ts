import type { Proposed } from '../../cluster/proposals.js';
import type { Services } from '../context.js';
import { Syncer } from '../types/syncer.js';
import type { SyncerChange } from '../types/payloads/syncer.js';
import { CHANNEL } from './channel.js';
import { presentGtids } from './gtids.js';
import { presentChange } from './payload.js';

export function presentSyncer({ binlog }: Services): Syncer {
  const record = binlog.view.syncer();
  const { value } = record ?? {};
  const status = binlog.syncer();
  return Object.assign(new Syncer(), {
    id: `syncer/${CHANNEL}`,
    state: status.state,
    stateReason: status.reason,
    serverId: value ? Number(value.serverId) : null,
    serverUuid: value?.serverUuid ?? null,
    sourceAddress: value?.sourceAddress ?? null,
    user: value?.user ?? null,
    passwordSet: value !== undefined,
    semiSync: value?.semiSync ?? false,
    semiSyncActive: status.isSemiSyncActive,
    flavour: binlog.journal?.flavour ?? status.flavour,
    sourceVersion: status.sourceVersion,
    ...presentGtids(binlog),
    lastBinlogFile: status.sourceFile,
    lastFilePosition: status.sourcePosition,
    secondsBehindSource: status.secondsBehindSource,
    eventsPerSecond: status.eventsPerSecond,
    bytesPerSecond: status.bytesPerSecond,
    connectedAt: status.connectedAt,
    reconnects: status.reconnects,
    revision: record?.revision ?? null,
  } satisfies Syncer);
}

export function presentSyncerChange(proposed: Proposed | null, services: Services): SyncerChange {
  return presentChange(proposed, { syncer: presentSyncer(services) });
}
