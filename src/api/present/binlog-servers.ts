import type { BinlogServerRecord } from '../../binlog/control/server-record.js';
import type { AttachedSlave } from '../../binlog/member/servers-everywhere.js';
import type { Stored } from '../../cluster/collection.js';
import type { Proposed } from '../../cluster/proposals.js';
import type { Services } from '../context.js';
import { BinlogServer, Slave } from '../types/binlog.js';
import type { BinlogServerChange } from '../types/payloads/binlog-servers.js';
import { presentGtids } from './gtids.js';
import { memberNamed } from './members.js';
import { presentChange } from './payload.js';

export function presentBinlogServer(record: Stored<BinlogServerRecord>, services: Services): BinlogServer {
  const { id: name, value, revision } = record;
  const { binlog } = services;
  const { journal } = binlog;
  const last = journal?.committedSegments().at(-1);
  return Object.assign(new BinlogServer(), {
    id: `binlogServer/${name}`,
    name,
    member: memberNamed(value.member ?? services.memberName, services),
    onEveryMember: value.member === null,
    address: value.address,
    user: value.user,
    passwordSet: true,
    tls: value.tls !== null,
    ...stateOf(record, services),
    slaves: presentSlaves(name, services),
    ...presentGtids(binlog),
    lastBinlogFile: last?.name ?? null,
    lastFilePosition:
      journal && last ? Math.min(last.endOffset, journal.committedOffset) - last.startOffset : null,
    revision,
  } satisfies BinlogServer);
}

/** Null when there is none of that name. */
export function presentNamedServer(name: string, services: Services): BinlogServer | null {
  const record = services.binlog.view.server(name);
  return record ? presentBinlogServer(record, services) : null;
}

/** Those of one binlog server, or of all. */
export function presentSlaves(binlogServer: string | null, services: Services): Slave[] {
  return services.binlog
    .slaves()
    .filter(({ server }) => binlogServer === null || server === binlogServer)
    .map(presentSlave);
}

export function presentSlave({ info, server, member, stale }: AttachedSlave): Slave {
  return Object.assign(new Slave(), {
    id: `slave/${server}/${member}/${info.connectionId}`,
    ...info,
    // A member that does not answer tells no rates.
    eventsPerSecond: stale ? null : info.eventsPerSecond,
    bytesPerSecond: stale ? null : info.bytesPerSecond,
    stale,
    serverName: server,
    memberName: member,
  } satisfies Slave);
}

export function presentBinlogServerChange(
  proposed: Proposed | null,
  name: string,
  services: Services,
): BinlogServerChange {
  return presentChange(proposed, { binlogServer: presentNamedServer(name, services) });
}

function stateOf(record: Stored<BinlogServerRecord>, { binlog }: Services) {
  if (!record.value.isWanted) return { state: 'STOPPED' as const, stateReason: null };
  const { state, reason } = binlog.serverState(record);
  return { state, stateReason: reason };
}
