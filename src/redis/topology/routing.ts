import type { Endpoint, Route, RoutingTable } from '../routing-table.js';
import { SLOT_COUNT } from '../slots.js';
import type { Topology } from './topology.js';

const OFFLINE: Route = Object.freeze({ status: 'OFFLINE', owner: null, target: null, readers: [] });

/** The proxies' picture of the view at its present revision. Slots with the same route share one object. */
export function buildRoutingTable(topology: Topology): RoutingTable {
  const endpoints = new Map<number, { master: Endpoint; readers: readonly Endpoint[] } | null>();
  const groupOf = (number: number) => {
    let found = endpoints.get(number);
    if (found === undefined) {
      const group = topology.group(number)?.value;
      const master = topology.master(group);
      found =
        group && master
          ? {
              master: topology.endpoint(master),
              readers: group.servers
                .filter((server) => server.type === 'SLAVE' && server.replicaReads)
                .map((server) => topology.endpoint(server)),
            }
          : null;
      endpoints.set(number, found);
    }
    return found;
  };
  const shared = new Map<string, Route>();
  const routes: Route[] = [];
  for (let number = 0; number < SLOT_COUNT; number++) {
    const slot = topology.slot(number);
    const owner = slot?.group == null ? null : groupOf(slot.group);
    const target = slot?.targetGroup == null ? null : groupOf(slot.targetGroup);
    if (!slot || slot.status === 'OFFLINE' || !owner || (slot.targetGroup !== null && !target)) {
      routes.push(OFFLINE);
      continue;
    }
    const key = `${slot.status} ${slot.group} ${slot.targetGroup}`;
    let route = shared.get(key);
    if (!route) {
      route = Object.freeze({
        status: slot.status,
        owner: owner.master,
        target: target?.master ?? null,
        readers: slot.status === 'ONLINE' ? owner.readers : [],
      });
      shared.set(key, route);
    }
    routes.push(route);
  }
  return { revision: topology.view.revision, routes, abandoned: topology.abandoned() };
}
