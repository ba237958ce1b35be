import { connectionKey, retransmissions, type End } from './retransmissions.js';

/** The heartbeat that is assumed for a slave that asked for none. */
const DEFAULT_HEARTBEAT_MS = 30_000;
/** Within the time of a heartbeat: one that was not acknowledged is seen by two looks before the next but one is due. */
const LOOKS = 3;
/** A network that loses packets has its connections send again for a moment. */
const SHORTEST_LOOK_MS = 1_000;

/** What is looked at of a slave's connection. */
export interface SlaveConnection {
  readonly connectionId: number;
  readonly local: End;
  readonly remote: End;
  /** 0 when it gets none. */
  readonly heartbeatMs: number;
}

interface Look {
  readonly at: number;
  readonly retransmissions: number;
}

/**
 * Finds slaves whose machine, or the way to it, is gone: nobody closes their connections, and what is sent to them is sent
 * again for a quarter of an hour before TCP gives up. When two looks see that nothing was acknowledged in between, and
 * something was to be, the slave is gone. One that merely reads nothing acknowledges.
 */
export class VanishedSlaves {
  private readonly looks = new Map<number, Look>();

  /** @returns the ids of those that are gone */
  async find(slaves: readonly SlaveConnection[], now = performance.now()): Promise<number[]> {
    const due = slaves.filter((slave) => this.isDue(slave, now));
    this.forgetOthers(slaves);
    if (due.length === 0) return [];
    const counts = await retransmissions();
    const gone: number[] = [];
    for (const { connectionId, local, remote } of due) {
      const count = counts.get(connectionKey(local, remote)) ?? 0;
      const before = this.looks.get(connectionId)?.retransmissions ?? 0;
      // An acknowledgement would have begun the count anew.
      if (before > 0 && count > before) gone.push(connectionId);
      this.looks.set(connectionId, { at: now, retransmissions: count });
    }
    return gone;
  }

  private isDue({ connectionId, heartbeatMs }: SlaveConnection, now: number): boolean {
    const last = this.looks.get(connectionId);
    const pause = Math.max(SHORTEST_LOOK_MS, (heartbeatMs || DEFAULT_HEARTBEAT_MS) / LOOKS);
    return last === undefined || now - last.at >= pause;
  }

  private forgetOthers(slaves: readonly SlaveConnection[]): void {
    const ids = new Set(slaves.map(({ connectionId }) => connectionId));
    for (const id of this.looks.keys()) if (!ids.has(id)) this.looks.delete(id);
  }
}
