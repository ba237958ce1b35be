import type { Coordinator, CoordinatorStatus } from '../coordinator/types.js';

const POLL_INTERVAL_MS = 2_000;

/** Keeps the last status of the coordinator, so that showing it costs no call. */
export class CoordinatorWatch {
  private last: CoordinatorStatus = {
    ...{ reachable: true, reason: null, alarms: [] },
    ...{ revision: 0n, answeredRevision: 0n, members: [] },
  };
  private timer: NodeJS.Timeout | undefined;
  private asking = false;

  constructor(private readonly coordinator: Coordinator) {}

  async start(): Promise<void> {
    this.last = await this.coordinator.status();
    this.timer = setInterval(() => void this.ask(), POLL_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get status(): CoordinatorStatus {
    return this.last;
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.last = await this.coordinator.status().finally(() => (this.asking = false));
  }
}
