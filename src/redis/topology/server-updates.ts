import { refuse } from '../../common/refused.js';
import type { SecretBox } from '../../common/secret-box.js';
import { checkExpectedRevision, type Proposals, type Proposed } from '../../cluster/proposals.js';
import type { Endpoint } from '../routing-table.js';
import { BarrierTimeoutError, type Barrier } from './barrier.js';
import { groupChanged, requireGroup, requireServer } from './group-writes.js';
import { probeServer } from './probe.js';
import { topologyCollections as collections, type GroupRecord, type ServerRecord } from './records.js';
import type { ReplicasTold } from './replicas-told.js';
import { normalAddress, type ServerAddresses } from './server-addresses.js';
import { serverId } from './server-ids.js';
import { slotsUnchanged } from './slot-writes.js';
import { passwordContext, type Topology } from './topology.js';

export interface UpdateServer {
  readonly group: number;
  readonly address: string;
  /** Null or undefined: as it is. */
  readonly newAddress?: string | null | undefined;
  /** Undefined: as it is; null: the server asks for none. */
  readonly password?: string | null | undefined;
  /** Undefined: as it is. */
  readonly dataCenter?: string | null | undefined;
  readonly dryRun: boolean;
  readonly expectedRevision?: bigint | null | undefined;
}

/** Where a server has moved to. */
interface Move {
  readonly address: string;
  readonly runId: string;
}

/**
 * Changes what is recorded of a server.
 *
 * A password is proven at the server before it is stored. Connections that are open live on: a server asks for its
 * password when a connection is made. Proxies use the new one for connections that they open from then on, so no request fails
 * that would not have failed before.
 *
 * A new address leads to the same data as the old one, so proxies may use either while they learn of it. Each waits for what
 * is in flight at the old one before it uses the new one, which keeps the order of each client's requests. All have learned of it
 * before the change is answered, as the old address may lead elsewhere from then on.
 */
export class ServerUpdates {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly secrets: SecretBox,
    private readonly addresses: ServerAddresses,
    private readonly replicas: ReplicasTold,
    private readonly barrier: Barrier,
  ) {}

  async update(input: UpdateServer, actor: string): Promise<Proposed | null> {
    const group = requireGroup(this.topology, input.group, 'group');
    const address = input.newAddress == null ? input.address : normalAddress(input.newAddress);
    // Asked again after a proxy was late, it waits for the proxies again.
    const isRepeated = isThere(group.value, address) && !isThere(group.value, input.address);
    const server = requireServer(group.value, isRepeated ? address : input.address);
    checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
    const to: Endpoint = { ...this.topology.endpoint(server), address };
    const endpoint = input.password === undefined ? to : { ...to, password: input.password };
    const isMoved = address !== server.address;
    const move: Move | null = isMoved ? await this.addresses.prove(group.value, server, endpoint) : null;
    if (!isMoved && input.password !== undefined) await probeServer(endpoint);
    if (input.dryRun) return null;
    const proposed = await this.store({ ...input, address: server.address }, move, actor);
    const { number } = group.value;
    if (server.type === 'MASTER' && (input.password !== undefined || isMoved || isRepeated)) {
      await this.replicas.point(number, endpoint, isMoved || isRepeated ? input.address : undefined);
    }
    if (isMoved || isRepeated)
      await this.confirmed(proposed?.revision ?? group.revision, input.address, address);
    return proposed;
  }

  private store(input: UpdateServer, move: Move | null, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const group = requireGroup(this.topology, input.group, 'group');
      checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
      const server = requireServer(group.value, input.address);
      if (move) this.addresses.check(group.value, server, move.address);
      const changed = this.changed(server, input, move);
      if (changed === null) return null;
      const servers = group.value.servers.map((each) => (each === server ? changed : each));
      const key = collections.groups.key(input.group);
      const moved = move ? this.movedWrites(input.group, server, changed, move) : NO_WRITES;
      const what = [
        ...(move ? [`address ${move.address}`] : []),
        ...(this.isPasswordNew(server, input) ? ['password'] : []),
        ...(changed.dataCenter === server.dataCenter ? [] : ['data centre']),
      ];
      return {
        conditions: [{ key, modRevision: group.revision }, ...moved.conditions],
        operations: [
          { put: key, value: collections.groups.encode({ ...group.value, servers }) },
          ...moved.operations,
        ],
        action: groupChanged(
          this.topology,
          input.group,
          `New ${what.join(' and ')} of server ${server.address}`,
          actor,
        ),
      };
    });
  }

  private isPasswordNew(server: ServerRecord, { password }: UpdateServer): boolean {
    return password !== undefined && password !== this.topology.endpoint(server).password;
  }

  /** Null: nothing would change. */
  private changed(
    server: ServerRecord,
    { password: given, dataCenter }: UpdateServer,
    move: Move | null,
  ): ServerRecord | null {
    const before = this.topology.endpoint(server).password;
    const password = given === undefined ? before : given;
    const address = move?.address ?? server.address;
    // A sealed password opens for the address only that it was sealed for.
    const isSame = password === before && move === null;
    const sealed = password === null ? null : this.secrets.seal(password, passwordContext(address));
    const next = {
      ...server,
      id: serverId(server),
      address,
      password: isSame ? server.password : sealed,
      dataCenter: dataCenter === undefined ? server.dataCenter : dataCenter,
      runId: server.type === 'SLAVE' || server.runId === null ? (move?.runId ?? server.runId) : server.runId,
    };
    const isChanged = next.password !== server.password || next.dataCenter !== server.dataCenter;
    return isChanged || move !== null ? next : null;
  }

  private movedWrites(
    group: number,
    before: ServerRecord,
    { runId }: ServerRecord,
    { address, runId: now }: Move,
  ) {
    const { servers, identities } = collections;
    const runIds = [...new Set([now, ...(runId === null ? [] : [runId])])];
    const left = before.runId === null || runIds.includes(before.runId) ? [] : [before.runId];
    return {
      conditions: [
        { key: servers.key(address), modRevision: 0n },
        ...runIds.map((id) => ({
          key: identities.key(id),
          modRevision: this.topology.view.get(identities, id)?.revision ?? 0n,
        })),
        // No operation has begun meanwhile that would not find the server where it looks for it.
        ...slotsUnchanged(this.topology),
      ],
      operations: [
        { delete: servers.key(before.address) },
        { put: servers.key(address), value: servers.encode({ group }) },
        ...runIds.map((id) => ({ put: identities.key(id), value: identities.encode({ address }) })),
        ...left.map((id) => ({ delete: identities.key(id) })),
      ],
    };
  }

  private async confirmed(revision: bigint, before: string, after: string): Promise<void> {
    await this.barrier.wait(revision, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof BarrierTimeoutError)) throw error;
      refuse(
        'TIMEOUT',
        null,
        `${after} is recorded, but these proxies have not confirmed it and may still use ${before}: ` +
          `${error.proxies.join(', ')}. Keep ${before} as it is. Mend them, or fence them by removing them with force, and repeat.`,
        { cause: error },
      );
    });
  }
}

const NO_WRITES = { conditions: [], operations: [] };

function isThere({ servers }: GroupRecord, address: string): boolean {
  return servers.some((server) => server.address === address);
}
