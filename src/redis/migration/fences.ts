import { QuorateError } from '../../common/errors.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Endpoint } from '../routing-table.js';
import type { Proposals } from '../../cluster/proposals.js';
import { moverEpoch, PROXY_PREFIX } from '../connection-names.js';
import { cutMigrateConnections, killConnections } from '../topology/fencing.js';
import { topologyCollections as collections } from '../topology/records.js';
import type { Topology } from '../topology/topology.js';
import { requireMaster } from './masters.js';

/**
 * Cuts off late commands of movers (docs/proxy.md, section "Fencing"): those of earlier leaders, and our own whose
 * answers never came.
 *
 * A mover of an older epoch cannot come back after the cut: it asks whether it still leads after it has
 * connected under its name. Whoever asks here has the group to itself (`group-locks.ts`), so that a
 * connection of our own epoch is left over from work that has failed.
 */
export class Fences {
  constructor(
    private readonly topology: Topology,
    private readonly leadership: Leadership,
    private readonly proposals: Proposals,
  ) {}

  /**
   * Resolves once no mover's command can reach the group's master any more. It is asked each time: what was certain of
   * an address is not, once another server answers there, nor when the first one comes back.
   */
  async raise(group: number): Promise<void> {
    const { epoch } = this.leadership;
    const master = this.masterOf(group);
    await killConnections(master, (name) => (moverEpoch(name) ?? epoch + 1n) <= epoch);
    if (this.topology.isAbandoned(master.address)) await this.takeBack(master);
  }

  /**
   * The same for movers of earlier leaders only, whose work has ended: those of this one, which may have the group to
   * themselves, go on.
   */
  async raiseAgainstEarlier(group: number): Promise<void> {
    const { epoch } = this.leadership;
    await killConnections(this.masterOf(group), (name) => (moverEpoch(name) ?? epoch) < epoch);
  }

  /**
   * Lets a server that was given up have slots again: what was on its way to it then can change nothing any more. It is
   * taken off the list before it gets one, since proxies do not wait for requests of slots for which it is listed.
   */
  private async takeBack(server: Endpoint): Promise<void> {
    await killConnections(server, (name) => name.startsWith(PROXY_PREFIX));
    const key = collections.abandoned.key(server.address);
    await this.proposals.run(() => {
      if (!this.leadership.isHeld()) throw new QuorateError('NOT_LEADER', 'This member no longer leads.');
      const listed = this.topology.view.get(collections.abandoned, server.address);
      if (!listed) return null;
      return {
        conditions: [this.leadership.condition, { key, modRevision: listed.revision }],
        operations: [{ delete: key }],
        action: {
          type: 'GROUP_CHANGED',
          description: `Server ${server.address}, which had been given up, has answered: its old connections were cut`,
          target: `server/${server.address}`,
          actor: 'quorate',
          receivers: this.topology.activeProxies().map(({ record }) => record.id),
        },
      };
    });
  }

  /** Resolves once no RESTORE that the sources' masters have sent to the group's can be executed any more. */
  async cutMigrateConnections(group: number, sources: readonly number[]): Promise<void> {
    await cutMigrateConnections(
      this.masterOf(group),
      sources.map((source) => this.masterOf(source)),
    );
  }

  private masterOf(group: number): Endpoint {
    return requireMaster(this.topology, group);
  }
}
