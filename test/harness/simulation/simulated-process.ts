import type { WorldEvent } from './event-queue.js';

/**
 * A process of the simulated world. Killed, nothing of its code runs again: what it waits for never comes. Frozen, what
 * comes is kept for it.
 */
export class SimulatedProcess {
  readonly kept: WorldEvent[] = [];
  private readonly atDeath = new Set<() => void>();
  private dead = false;
  isFrozen = false;

  constructor(readonly name: string) {}

  get isDead(): boolean {
    return this.dead;
  }

  /** Called by the world when it is killed. */
  onDeath(call: () => void): void {
    this.atDeath.add(call);
  }

  die(): void {
    if (this.dead) return;
    this.dead = true;
    this.kept.length = 0;
    for (const call of this.atDeath) call();
  }
}
