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
  private readonly raised = new Map<string, Promise<unknown>>();

  constructor(
    private readonly topology: Topology,
    private readonly leadership: Leadership,
  ) {}

  /** Resolves once no mover's command can reach the group's master any more. Asks it only when it has to. */
  async raise(group: number): Promise<void> {
    const master = this.masterOf(group);
    const { epoch } = this.leadership;
    let fence = this.raised.get(master.address);
    if (!fence) {
      fence = killConnections(master, (name) => (moverEpoch(name) ?? epoch + 1n) <= epoch);
      this.raised.set(master.address, fence);
      fence.catch(() => this.raised.delete(master.address));
    }
    await fence;
  }

  /** Resolves once no RESTORE that another server has sent to the group's master can be executed any more. */
  async cutFeeds(group: number): Promise<void> {
    await cutMigrateFeeds(this.masterOf(group));
  }

  /** After a move from there that failed: its last command may still be under way. */
  lower(address: string): void {
    this.raised.delete(address);
  }

  private masterOf(group: number): Endpoint {
    const master = this.topology.masterEndpoint(group);
    if (!master) throw new QuorateError('NO_MASTER', `Group ${group} has no master.`);
    return master;
  }
}
