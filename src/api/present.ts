import { isCancellable, type Operation as OperationRecord } from '../cluster/operations.js';
import type { Action as ActionRecord } from '../cluster/feed.js';
import type { MembershipEntry } from '../cluster/membership/records.js';
import { collections } from '../cluster/records.js';
import type { Stored } from '../cluster/collection.js';
import type { GroupRecord, ServerRecord } from '../redis/topology/records.js';
import { isStarting, type RegisteredProxy, type Slot as SlotState } from '../redis/topology/topology.js';
import type { Services } from './context.js';
import { Member } from './types/cluster.js';
import { Action, Operation } from './types/feed.js';
import type { ProxyState, SlotRange } from './types/redis.js';
import { Group, Proxy, Server, Slot } from './types/redis.js';

/*
 * From the domains' records to the objects of the schema. Instances of the schema's classes, because the
 * Node interface tells its types apart by them.
 */

/** One that belongs to the cluster, whether it runs or not; null when there is none of that name. */
export function presentMemberNamed(name: string, services: Services): Member | null {
  const entry = services.membership.byName(name);
  return entry ? presentMember(entry, services) : null;
}

export function presentMember(entry: MembershipEntry, services: Services): Member {
  const { view, membership } = services;
  const running = view.get(collections.members, entry.name)?.value ?? null;
  const leader = view.get(collections.leadership, 'leader')?.value;
  return Object.assign(new Member(), {
    id: `member/${entry.name}`,
    name: entry.name,
    role: entry.role,
    isLeader: running !== null && leader?.incarnation === running.incarnation,
    state: stateOf(entry, running !== null),
    peerUrls: entry.peerUrls,
    adminUrls: entry.adminUrls,
    ...journalOf(entry, services),
    startedAt: running ? new Date(running.startedAt) : null,
    lastSeenAt: lastSeenAt(entry.name, running !== null, services),
    version: running?.version ?? null,
    revision: membership.revision,
  } satisfies Member);
}

function stateOf({ id, role }: MembershipEntry, isRunning: boolean): Member['state'] {
  if (id === null) return 'JOINING';
  if (!isRunning) return 'UNREACHABLE';
  return role === 'LEARNER' ? 'CATCHING_UP' : 'HEALTHY';
}

function journalOf(entry: MembershipEntry, { binlog }: Services) {
  const { endOffset, committedOffset, lag } = binlog.copies.copyOf(entry);
  return {
    journalOffset: toBigInt(endOffset),
    committedOffset: toBigInt(committedOffset),
    lag: toBigInt(lag),
  };
}

function toBigInt(bytes: number | null): bigint | null {
  return bytes === null ? null : BigInt(bytes);
}

/** While its session lives, now; else when it was first missed, which the problem of that remembers. */
function lastSeenAt(name: string, isRunning: boolean, { problems }: Services): Date | null {
  if (isRunning) return new Date();
  return (
    problems.list().find(({ code, subject }) => code === 'MEMBER_DOWN' && subject === `member/${name}`)
      ?.since ?? null
  );
}

export function presentServer(server: ServerRecord, services: Services): Server {
  const { problemSince: _, ...status } = services.serverMonitor.status(server.address);
  return Object.assign(new Server(), {
    ...status,
    address: server.address,
    type: server.type,
    dataCenter: server.dataCenter,
    replicaReads: server.replicaReads,
  } satisfies Server);
}

export function presentGroup(record: Stored<GroupRecord>, services: Services): Group {
  const { value } = record;
  const servers = [...value.servers]
    .sort((a, b) => Number(b.type === 'MASTER') - Number(a.type === 'MASTER'))
    .map((server) => presentServer(server, services));
  return Object.assign(new Group(), {
    id: `group/${value.number}`,
    number: value.number,
    servers,
    master: servers.find((server) => server.type === 'MASTER') ?? null,
    slotCount: services.topology.slotCount(value.number),
    promoting: value.promoting,
    outOfSync: value.outOfSync,
    autoFailover: value.autoFailover,
    revision: record.revision,
  } satisfies Group);
}

export function presentGroupNumber(number: number | null, services: Services): Group | null {
  const record = number === null ? undefined : services.topology.group(number);
  return record ? presentGroup(record, services) : null;
}

/** Groups of many slots at once: each is presented only once. */
export function groupPresenter(services: Services): (number: number | null) => Group | null {
  const presented = new Map<number | null, Group | null>();
  return (number) => {
    let group = presented.get(number);
    if (group === undefined) {
      group = presentGroupNumber(number, services);
      presented.set(number, group);
    }
    return group;
  };
}

export function presentSlots(slots: readonly SlotState[], services: Services): Slot[] {
  const group = groupPresenter(services);
  return slots.map((slot) =>
    Object.assign(new Slot(), {
      number: slot.number,
      group: group(slot.group),
      groupNumber: slot.group,
      status: slot.status,
      targetGroup: group(slot.targetGroup),
      operation: slot.operation === null ? null : presentOperationId(slot.operation, services),
      lastChangedAt: new Date(slot.changedAt),
      revision: slot.revision,
    } satisfies Slot),
  );
}

export function presentSlotRanges(services: Services): SlotRange[] {
  const group = groupPresenter(services);
  const ranges: (SlotRange & { key: string })[] = [];
  for (const slot of services.topology.slots()) {
    const key = `${slot.status} ${slot.group} ${slot.targetGroup}`;
    const last = ranges[ranges.length - 1];
    if (last?.key === key) last.to = slot.number;
    else {
      ranges.push({
        key,
        from: slot.number,
        to: slot.number,
        status: slot.status,
        group: group(slot.group),
        targetGroup: group(slot.targetGroup),
      });
    }
  }
  return ranges;
}

export function presentProxy(proxy: RegisteredProxy, services: Services): Proxy {
  const { value, revision } = proxy.record;
  const traffic = services.proxyMonitor.status(value.name);
  return Object.assign(new Proxy(), {
    id: `proxy/${value.name}`,
    name: value.name,
    address: value.address,
    adminAddress: value.adminAddress,
    state: proxyState(proxy),
    appliedRevision: BigInt(proxy.ack?.revision ?? 0),
    lastEvent: value.lastEvent,
    lastEventAt: new Date(value.lastEventAt),
    startedAt: new Date(value.startedAt),
    pid: value.pid,
    workers: value.workers,
    hostName: value.hostName,
    dataCenter: value.dataCenter,
    version: value.version,
    sessions: traffic?.sessions ?? 0,
    opsTotal: traffic?.opsTotal ?? 0,
    opsPerSecond: traffic?.opsPerSecond ?? 0,
    errorsTotal: traffic?.errorsTotal ?? 0,
    errorsPerSecond: traffic?.errorsPerSecond ?? 0,
    latencyP50: traffic?.latencyP50 ?? null,
    latencyP99: traffic?.latencyP99 ?? null,
    revision,
  } satisfies Proxy);
}

function proxyState(proxy: RegisteredProxy): ProxyState {
  const { state } = proxy.record.value;
  if (!proxy.alive && (state === 'ONLINE' || state === 'MARK_OFFLINE')) return 'UNREACHABLE';
  return isStarting(proxy) ? 'STARTING' : state;
}

export function presentOperation(record: OperationRecord): Operation {
  const { value } = record;
  const left = value.total === null ? null : Math.max(0, value.total - value.done);
  return Object.assign(new Operation(), {
    id: record.id,
    kind: value.kind,
    state: value.state,
    title: value.title,
    done: BigInt(value.done),
    total: value.total === null ? null : BigInt(value.total),
    unit: value.unit,
    rate: value.rate,
    pace: value.pace ?? null,
    etaSeconds: left === null || !value.rate ? null : left / value.rate,
    error: value.error,
    startedBy: value.startedBy,
    startedAt: new Date(value.startedAt),
    finishedAt: value.finishedAt === null ? null : new Date(value.finishedAt),
    direction: value.returning ? 'BACK' : 'FORWARD',
    cancellable: isCancellable(value),
    revision: record.revision,
  } satisfies Operation);
}

export function presentOperationId(id: string, services: Services): Operation | null {
  const record = services.operations.get(id);
  return record ? presentOperation(record) : null;
}

export function presentAction(record: ActionRecord, services: Services): Action {
  const { value } = record;
  return Object.assign(new Action(), {
    id: record.id,
    revision: record.createRevision,
    type: value.type,
    description: value.description,
    actor: value.actor,
    at: new Date(value.at),
    target: value.target,
    receivers: value.receivers.map((proxy) => {
      const receipt = services.view.get(collections.receipts, `${record.id}/${proxy}`)?.value;
      return { proxy, confirmedAt: receipt ? new Date(receipt.confirmedAt) : null };
    }),
  } satisfies Action);
}
