import { refuse } from '../../common/refused.js';
import type { Stored } from '../../cluster/collection.js';
import type { ActionDraft } from '../../cluster/action-write.js';
import type { GroupRecord, ServerRecord } from './records.js';
import type { Topology } from './topology.js';

/** The group of that number; refuses when there is none, with the field that names it. */
export function requireGroup(topology: Topology, number: number, field: string): Stored<GroupRecord> {
  return topology.group(number) ?? refuse('NOT_FOUND', field, `There is no group ${number}.`);
}

export function requireServer(group: GroupRecord, address: string): ServerRecord {
  return (
    group.servers.find((server) => server.address === address) ??
    refuse('NOT_FOUND', 'address', `Group ${group.number} has no server ${address}.`)
  );
}

/** The action of a change of a group. */
export function groupChanged(
  topology: Topology,
  number: number,
  description: string,
  actor: string,
): ActionDraft {
  return {
    type: 'GROUP_CHANGED',
    description,
    target: `group/${number}`,
    actor,
    receivers: topology.activeProxies().map(({ record }) => record.id),
  };
}
