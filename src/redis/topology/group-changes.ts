import { formatAddress, parseAddress } from '../../common/address.js';
import { refuse } from '../../common/refused.js';
import type { SecretBox } from '../../common/secret-box.js';
import { checkExpectedRevision, type Claim, type Proposals, type Proposed } from '../../cluster/proposals.js';
import type { Stored } from '../../cluster/collection.js';
import type { Endpoint } from '../routing-table.js';
import { findByRunId, isSameAddress } from './aliases.js';
import { groupChanged, requireGroup, requireServer } from './group-writes.js';
import { probeServer, replicateFrom, type ProbedServer } from './probe.js';
import type { ReplicaReads } from './replica-reads.js';
import { topologyCollections as collections, type GroupRecord, type ServerRecord } from './records.js';
import { newServerId } from './server-ids.js';
import { formatSlots, slotsUnchanged } from './slot-writes.js';
import { passwordContext, type Topology } from './topology.js';

export const MAX_GROUP_NUMBER = 9_999;

/** How long a new replica may take for its first full copy, in milliseconds. */
const REPLICA_TIMEOUT_MS = 60_000;

export interface AddServer {
  readonly group: number;
  readonly address: string;
  readonly password?: string | null | undefined;
  readonly dataCenter?: string | null | undefined;
  readonly expectedRevision?: bigint | null | undefined;
}

/** Changes of groups and their servers. Every refusal leaves everything as it was. */
export class GroupChanges {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly secrets: SecretBox,
    private readonly replicaReads: ReplicaReads,
  ) {}

  /** By run id: what is being added here, so that nothing is done to one server for two groups at a time. */
  private readonly adding = new Set<string>();

  create(number: number, actor: string): Promise<Proposed | null> {
    if (!Number.isInteger(number) || number < 1 || number > MAX_GROUP_NUMBER) {
      refuse('INVALID_INPUT', 'number', `A group's number is from 1 to ${MAX_GROUP_NUMBER}, not ${number}.`);
    }
    return this.proposals.run(() => {
      if (this.topology.group(number)) refuse('ALREADY_EXISTS', 'number', `Group ${number} exists already.`);
      const record: GroupRecord = {
        number,
        servers: [],
        promoting: null,
        outOfSync: false,
        autoFailover: false,
      };
      return {
        conditions: [{ key: collections.groups.key(number), modRevision: 0n }],
        operations: [{ put: collections.groups.key(number), value: collections.groups.encode(record) }],
        action: groupChanged(this.topology, number, `Created group ${number}`, actor),
      };
    });
  }

  remove(
    number: number,
    expectedRevision: bigint | null | undefined,
    actor: string,
  ): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const group = requireGroup(this.topology, number, 'number');
      checkExpectedRevision(expectedRevision, group.revision, `Group ${number}`);
      const slots = this.topology.slotsOf(number);
      if (slots.length > 0) {
        const list = formatSlots(slots.map((slot) => slot.number));
        refuse('IN_USE', 'number', `Group ${number} still has slots (${list}); move them away first.`);
      }
      this.refusePlanned(number, 'number');
      if (group.value.servers.length > 0) {
        const list = group.value.servers.map((server) => server.address).join(', ');
        refuse('IN_USE', 'number', `Group ${number} still has servers (${list}); remove them first.`);
      }
      return {
        conditions: [
          { key: collections.groups.key(number), modRevision: group.revision },
          ...slotsUnchanged(this.topology),
        ],
        operations: [{ delete: collections.groups.key(number) }],
        action: {
          ...groupChanged(this.topology, number, `Removed group ${number}`, actor),
          type: 'GROUP_REMOVE',
        },
      };
    });
  }

  /** Probes the server first; the first of a group becomes its master, the others replicate from it. */
  async addServer(input: AddServer, actor: string, claim?: Claim): Promise<Proposed | null> {
    const parsed = parseAddress(input.address);
    if (!parsed) refuse('INVALID_INPUT', 'address', `"${input.address}" is not of the form HOST:PORT.`);
    const endpoint: Endpoint = { address: formatAddress(parsed), password: input.password ?? null };
    this.checkAddable(input, endpoint.address);
    const probed = await probeServer(endpoint);
    const { runId } = probed;
    if (this.adding.has(runId)) {
      refuse(
        'CONFLICT',
        'address',
        `${probed.address} is being added at this moment, by another name of it.`,
      );
    }
    this.adding.add(runId);
    try {
      await this.refuseAlias(probed);
      const master = this.topology.masterEndpoint(input.group);
      if (master) await this.attachReplica(endpoint, probed, master);
      else this.checkMaster(probed, input.group);
      const draft = () => this.draftAdd(input, endpoint, runId, master?.address, actor);
      return await this.proposals.run(draft, claim);
    } finally {
      this.adding.delete(runId);
    }
  }

  /**
   * Takes a server out of its group. The server itself keeps running as it is. No proxy reads from it any more: with
   * other keys, or none, its answers would be wrong.
   */
  async removeServer(
    input: { group: number; address: string; force: boolean; expectedRevision?: bigint | null | undefined },
    actor: string,
  ): Promise<Proposed | null> {
    const before = requireGroup(this.topology, input.group, 'group');
    checkExpectedRevision(input.expectedRevision, before.revision, `Group ${input.group}`);
    if (requireServer(before.value, input.address).replicaReads) {
      await this.replicaReads.set({ group: input.group, address: input.address, enabled: false }, actor);
    }
    return this.proposals.run(() => {
      const group = requireGroup(this.topology, input.group, 'group');
      const server = requireServer(group.value, input.address);
      if (server.replicaReads) {
        refuse('CONFLICT', 'address', `Reads from ${input.address} were turned on meanwhile; try again.`);
      }
      if (server.type === 'MASTER') this.refusePlanned(input.group, 'address');
      const inUse = this.topology.slotsOf(input.group).length > 0;
      if (server.type === 'MASTER' && inUse) {
        refuse(
          'IN_USE',
          'address',
          `${input.address} is the master of a group with slots. Move them away first, or, if it never comes back, give ` +
            'them to another group with assignSlots, forced and accepting the loss of data.',
        );
      }
      if (server.type === 'MASTER' && group.value.servers.length > 1 && !input.force) {
        refuse(
          'IN_USE',
          'address',
          `${input.address} is the master that the group's other servers follow. Remove them first, or use force.`,
        );
      }
      const servers = group.value.servers.filter((other) => other !== server);
      return {
        conditions: [
          { key: collections.groups.key(input.group), modRevision: group.revision },
          ...(server.type === 'MASTER' ? slotsUnchanged(this.topology) : []),
        ],
        operations: [
          {
            put: collections.groups.key(input.group),
            value: collections.groups.encode({ ...group.value, servers }),
          },
          { delete: collections.servers.key(server.address) },
          ...(server.runId === null ? [] : [{ delete: collections.identities.key(server.runId) }]),
        ],
        action: groupChanged(
          this.topology,
          input.group,
          `Removed server ${server.address} from group ${input.group}`,
          actor,
        ),
      };
    });
  }

  /** A move that rests would find another server in its place when it goes on. */
  private refusePlanned(group: number, field: string): void {
    const plan = this.topology.view
      .list(collections.plans)
      .find(({ value }) => value.moves.some(([, from, to]) => from === group || to === group));
    if (plan) {
      refuse(
        'IN_USE',
        field,
        `Operation ${plan.id} has plans with group ${group}; cancel it, or wait for its end.`,
      );
    }
  }

  private checkAddable(input: AddServer, address: string): Stored<GroupRecord> {
    const group = requireGroup(this.topology, input.group, 'group');
    checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
    const claimed = this.topology.view.get(collections.servers, address);
    if (claimed) {
      refuse('ALREADY_EXISTS', 'address', `${address} is in group ${claimed.value.group} already.`);
    }
    return group;
  }

  /** Two names of one server would be two masters over the same keys, or a replica of itself. */
  private async refuseAlias(probed: ProbedServer): Promise<void> {
    const servers = this.topology.endpoints();
    const same = await findByRunId(servers, probed.runId);
    if (same === undefined) return;
    const group = this.topology.view.get(collections.servers, same)?.value.group;
    refuse('ALREADY_EXISTS', 'address', `${probed.address} is the server ${same} of group ${group}.`);
  }

  private checkMaster(probed: ProbedServer, group: number): void {
    if (probed.role === 'slave') {
      refuse(
        'PRECONDITION_FAILED',
        'address',
        `${probed.address} is a replica of ${probed.masterAddress}; the first server of group ${group} must be a ` +
          'master. Add its master, or detach it with REPLICAOF NO ONE.',
      );
    }
  }

  private async attachReplica(endpoint: Endpoint, probed: ProbedServer, master: Endpoint): Promise<void> {
    const follows =
      probed.masterAddress !== null && (await isSameAddress(probed.masterAddress, master.address));
    if (probed.role === 'slave' && !follows) {
      refuse(
        'PRECONDITION_FAILED',
        'address',
        `${endpoint.address} is a replica of ${probed.masterAddress}, not of this group's master ${master.address}. ` +
          'Detach it first with REPLICAOF NO ONE.',
      );
    }
    if (!follows && probed.keys > 0) {
      refuse(
        'PRECONDITION_FAILED',
        'address',
        `${endpoint.address} holds ${probed.keys} keys, which replication from ${master.address} would delete. ` +
          'Empty it first.',
      );
    }
    await replicateFrom(endpoint, master, AbortSignal.timeout(REPLICA_TIMEOUT_MS));
  }

  private draftAdd(
    input: AddServer,
    endpoint: Endpoint,
    runId: string,
    masterAddress: string | undefined,
    actor: string,
  ) {
    const group = this.checkAddable(input, endpoint.address);
    const identity = this.topology.view.get(collections.identities, runId);
    if (identity && this.topology.servers().some(({ address }) => address === identity.value.address)) {
      refuse('ALREADY_EXISTS', 'address', `${endpoint.address} is the server ${identity.value.address}.`);
    }
    if (this.topology.master(group.value)?.address !== masterAddress) {
      refuse(
        'CONFLICT',
        'group',
        `Group ${input.group} got another master meanwhile; look again and repeat.`,
      );
    }
    const { password } = endpoint;
    const server: ServerRecord = {
      id: newServerId(),
      address: endpoint.address,
      type: masterAddress === undefined ? 'MASTER' : 'SLAVE',
      dataCenter: input.dataCenter ?? null,
      replicaReads: false,
      password: password === null ? null : this.secrets.seal(password, passwordContext(endpoint.address)),
      runId,
    };
    const record = { ...group.value, servers: [...group.value.servers, server] };
    const role = server.type === 'MASTER' ? 'master' : 'replica';
    return {
      conditions: [
        { key: collections.groups.key(input.group), modRevision: group.revision },
        { key: collections.servers.key(endpoint.address), modRevision: 0n },
        { key: collections.identities.key(runId), modRevision: identity?.revision ?? 0n },
      ],
      operations: [
        { put: collections.groups.key(input.group), value: collections.groups.encode(record) },
        {
          put: collections.servers.key(endpoint.address),
          value: collections.servers.encode({ group: input.group }),
        },
        {
          put: collections.identities.key(runId),
          value: collections.identities.encode({ address: endpoint.address }),
        },
      ],
      action: groupChanged(
        this.topology,
        input.group,
        `Added ${endpoint.address} to group ${input.group} as ${role}`,
        actor,
      ),
    };
  }
}
