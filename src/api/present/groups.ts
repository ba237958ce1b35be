import type { Stored } from '../../cluster/collection.js';
import type { Proposed } from '../../cluster/proposals.js';
import type { GroupRecord, ServerRecord } from '../../redis/topology/records.js';
import { serverId } from '../../redis/topology/server-ids.js';
import type { Services } from '../context.js';
import type { GroupChange } from '../types/payloads/groups.js';
import { Group, Server } from '../types/redis.js';
import { presentChange } from './payload.js';

export function presentServer(server: ServerRecord, services: Services): Server {
  const { problemSince: _, ...status } = services.serverMonitor.status(server.address);
  return Object.assign(new Server(), {
    id: `server/${serverId(server)}`,
    ...status,
    address: server.address,
    role: server.type,
    dataCenter: server.dataCenter,
    replicaReads: server.replicaReads,
  } satisfies Server);
}

/** The first of these addresses at which a group has a server; null when it has none there. */
export function presentServerAt(
  group: number,
  addresses: readonly (string | null | undefined)[],
  services: Services,
): Server | null {
  const { servers } = services.topology.group(group)?.value ?? { servers: [] };
  const server = addresses.flatMap((address) => servers.find((each) => each.address === address) ?? [])[0];
  return server ? presentServer(server, services) : null;
}

/** Null when no group has a server of that id. */
export function presentServerId(id: string, services: Services): Server | null {
  return presentServerWhere((server) => serverId(server) === id, services);
}

/** Null when no group has a server there. */
export function presentServerAddress(address: string, services: Services): Server | null {
  return presentServerWhere((server) => server.address === address, services);
}

function presentServerWhere(is: (server: ServerRecord) => boolean, services: Services): Server | null {
  const server = services.topology.servers().find(is);
  return server ? presentServer(server, services) : null;
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
    master: servers.find((server) => server.role === 'MASTER') ?? null,
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

export function presentGroupChange(
  proposed: Proposed | null,
  number: number,
  services: Services,
): GroupChange {
  return presentChange(proposed, { group: presentGroupNumber(number, services) });
}
