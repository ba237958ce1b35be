import { refuse } from '../../common/refused.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import { BarrierTimeoutError, type Barrier } from './barrier.js';
import { groupChanged, requireGroup, requireServer } from './group-writes.js';
import { topologyCollections as collections } from './records.js';
import type { Topology } from './topology.js';

export interface SetReplicaReads {
  readonly group: number;
  /** Null: all replicas of the group. */
  readonly address?: string | null | undefined;
  readonly enabled: boolean;
}

/** Whether proxies may read from replicas. */
export class ReplicaReads {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly barrier: Barrier,
  ) {}

  /** Turned off, it resolves when no proxy reads there any more. */
  async set(input: SetReplicaReads, actor: string): Promise<Proposed | null> {
    const proposed = await this.store(input, actor);
    if (input.enabled) return proposed;
    // Also when nothing was to be changed: an earlier attempt may have been told that a proxy is late.
    const revision = proposed?.revision ?? requireGroup(this.topology, input.group, 'group').revision;
    await this.barrier.wait(revision, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof BarrierTimeoutError)) throw error;
      refuse(
        'TIMEOUT',
        null,
        'Reads from replicas are off, but these proxies have not confirmed it and may still read there: ' +
          `${error.proxies.join(', ')}. Mend them, or fence them by removing them with force, and repeat.`,
        { cause: error },
      );
    });
    return proposed;
  }

  private store(input: SetReplicaReads, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const group = requireGroup(this.topology, input.group, 'group');
      const only = input.address ? requireServer(group.value, input.address) : undefined;
      const servers = group.value.servers.map((server) =>
        only === undefined || server === only ? { ...server, replicaReads: input.enabled } : server,
      );
      if (servers.every((server, index) => server.replicaReads === group.value.servers[index]?.replicaReads))
        return null;
      const whose = only ? only.address : `all servers of group ${input.group}`;
      const key = collections.groups.key(input.group);
      return {
        conditions: [{ key, modRevision: group.revision }],
        operations: [{ put: key, value: collections.groups.encode({ ...group.value, servers }) }],
        action: groupChanged(
          this.topology,
          input.group,
          `Turned replica reads ${input.enabled ? 'on' : 'off'} for ${whose}`,
          actor,
        ),
      };
    });
  }
}
