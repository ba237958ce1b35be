import type { Coordinator, CoordinatorStatus } from '../coordinator/types.js';
import { finding, type Finding } from './problems/finding.js';

const POLL_INTERVAL_MS = 2_000;

/** Keeps the last status of the coordinator, so that showing it costs no call. */
export class CoordinatorWatch {
  private last: CoordinatorStatus = { reachable: true, revision: 0n, members: [] };
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

  findings(): Finding[] {
    if (this.last.reachable) return [];
    const where = this.coordinator.endpoints.join(', ');
    return [
      finding({
        code: 'COORDINATOR_UNREACHABLE',
        severity: 'CRITICAL',
        subject: 'coordinator',
        message: `The coordinator does not answer (${where}): nothing can be changed, data keep being served.`,
        consequence: {
          summary: 'Nothing can be changed and nothing is committed to the journal; data keep being served.',
        },
        remedies: [{ title: 'Bring a majority of the etcd servers back, or the network to them.' }],
      }),
    ];
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.last = await this.coordinator.status().finally(() => (this.asking = false));
  }
}
