import { QuorateError } from '../../common/errors.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Endpoint } from '../routing-table.js';
import { cutMigrateFeeds, killConnections, moverEpoch } from '../topology/fencing.js';
import type { Topology } from '../topology/topology.js';

/**
 * Cuts off late commands of movers: those of earlier leaders, and our own whose answers never came.
 *
 * A mover of an older epoch cannot come back after the cut: it asks whether it still leads after it has
 * connected under its name. Whoever asks here has the group to itself (`group-locks.ts`), so that a
 * connection of our own epoch is left over from work that has failed.
 */
export class Fences {
  constructor(
    private readonly topology: Topology,
    private readonly leadership: Leadership,
  ) {}

  /**
   * Resolves once no mover's command can reach the group's master any more. It is asked each time: what was certain of
   * an address is not, once another server answers there, nor when the first one comes back.
   */
  async raise(group: number): Promise<void> {
    const { epoch } = this.leadership;
    await killConnections(this.masterOf(group), (name) => (moverEpoch(name) ?? epoch + 1n) <= epoch);
  }

  /** Resolves once no RESTORE that the sources' masters have sent to the group's can be executed any more. */
  async cutFeeds(group: number, sources: readonly number[]): Promise<void> {
    await cutMigrateFeeds(
      this.masterOf(group),
      sources.map((source) => this.masterOf(source)),
    );
  }

  private masterOf(group: number): Endpoint {
    const master = this.topology.masterEndpoint(group);
    if (!master) throw new QuorateError('NO_MASTER', `Group ${group} has no master.`);
    return master;
  }
}
