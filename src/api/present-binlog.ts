import type { Stored } from '../cluster/collection.js';
import type { BinlogServerRecord } from '../binlog/control/server-record.js';
import type { SegmentInfo } from '../binlog/journal/segment.js';
import type { AttachedSlave } from '../binlog/member/servers-everywhere.js';
import type { Services } from './context.js';
import { presentMember, presentMemberNamed } from './present.js';
import { BinlogServer, Journal, Segment, Slave, Syncer } from './types/binlog.js';
import { Member } from './types/cluster.js';

/* The binlog half of present.ts. */

export function presentSyncer({ binlog: half }: Services): Syncer {
  const record = half.binlog.syncer();
  const { value } = record ?? {};
  const status = half.syncer();
  return Object.assign(new Syncer(), {
    state: status.state,
    stateReason: status.reason,
    serverId: value ? Number(value.serverId) : null,
    serverUuid: value?.serverUuid ?? null,
    sourceAddress: value?.sourceAddress ?? null,
    user: value?.user ?? null,
    passwordSet: value !== undefined,
    semiSync: value?.semiSync ?? false,
    semiSyncActive: status.isSemiSyncActive,
    flavour: half.store.journal?.flavour ?? status.flavour,
    sourceVersion: status.sourceVersion,
    ...gtids(half),
    lastBinlogFile: status.sourceFile,
    lastFilePosition: status.sourcePosition,
    secondsBehindSource: status.secondsBehindSource,
    eventsPerSecond: status.eventsPerSecond,
    bytesPerSecond: status.bytesPerSecond,
    connectedAt: status.connectedAt,
    reconnects: status.reconnects,
    revision: record?.revision ?? 0n,
  } satisfies Syncer);
}

function gtids({ store: { journal } }: Services['binlog']) {
  return {
    currentGtid: journal?.lastGtid ?? null,
    executedGtidSet: String(journal?.executedGtidSet ?? ''),
    purgedGtidSet: String(journal?.purgedGtidSet ?? ''),
  };
}

export function presentJournal(services: Services): Journal {
  const { binlog: half, membership } = services;
  const { journal } = half.store;
  const record = half.binlog.start();
  const [start, commit, term] = [record?.value, half.binlog.commit(), half.binlog.term()];
  const { executedGtidSet, purgedGtidSet } = gtids(half);
  const holders = (commit?.holders ?? []).flatMap((id) => membership.byId(id) ?? []);
  return Object.assign(new Journal(), {
    startOffset: start?.offset ?? 0,
    // What is committed here comes right behind its record, and the sets below are of the same moment.
    committedOffset: half.duty.isInOffice && journal ? journal.committedOffset : (commit?.offset ?? 0),
    term: start && term ? `${term.epoch}.${term.generation}` : '',
    holders: holders.map((member) => presentMember(member, services)),
    sizeBytes: journal?.sizeBytes ?? 0,
    revision: record?.revision ?? 0n,
    executedGtidSet,
    purgedGtidSet,
  } satisfies Journal);
}

export function presentSegment(info: SegmentInfo): Segment {
  return Object.assign(new Segment(), {
    ...info,
    previousGtidSet: String(info.previousGtidSet),
    addedGtidSet: String(info.addedGtidSet),
  } satisfies Segment);
}

export function presentBinlogServer(record: Stored<BinlogServerRecord>, services: Services): BinlogServer {
  const { id: name, value, revision } = record;
  const half = services.binlog;
  const { journal } = half.store;
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
    ...gtids(half),
    lastBinlogFile: last?.name ?? null,
    lastFilePosition:
      journal && last ? Math.min(last.endOffset, journal.committedOffset) - last.startOffset : null,
    revision,
  } satisfies BinlogServer);
}

function stateOf(record: Stored<BinlogServerRecord>, { binlog }: Services) {
  if (!record.value.isWanted) return { state: 'STOPPED' as const, stateReason: null };
  const { state, reason } = binlog.everywhere.stateOf(record);
  return { state, stateReason: reason };
}

/** One that was removed as well. */
export function memberNamed(name: string, services: Services): Member {
  const member = presentMemberNamed(name, services);
  if (member) return member;
  return Object.assign(new Member(), {
    id: `member/${name}`,
    name,
    role: 'VOTER',
    isLeader: false,
    state: 'REMOVED',
    peerUrls: [],
    adminUrls: [],
    journalOffset: null,
    committedOffset: null,
    lag: null,
    startedAt: null,
    lastSeenAt: null,
    version: null,
    revision: 0n,
  } satisfies Member);
}

export function presentNamedServer(name: string, services: Services): BinlogServer | null {
  const record = services.binlog.binlog.server(name);
  return record ? presentBinlogServer(record, services) : null;
}

/** Those of one binlog server, or of all. */
export function presentSlaves(binlogServer: string | null, services: Services): Slave[] {
  const { binlog, everywhere } = services.binlog;
  const records = binlog.servers().filter(({ id }) => binlogServer === null || id === binlogServer);
  return records.flatMap((record) => everywhere.slavesOf(record)).map(presentSlave);
}

export function presentSlave({ info, server, member, stale }: AttachedSlave): Slave {
  return Object.assign(new Slave(), {
    id: `slave/${server}/${member}/${info.connectionId}`,
    ...info,
    stale,
    serverName: server,
    memberName: member,
  } satisfies Slave);
}
