import type { QuorateClient } from '../../../sdk/browser.js';
import type { Live } from './live.js';

/** Whether what is shown is followed, or since when it no longer is. */
export class Connection {
  private lostAt: number | null = null;
  private cameBackAt: number | null = null;

  constructor(client: QuorateClient, live: Live) {
    client.onConnection((state) => {
      if (state === 'lost') this.lostAt ??= Date.now();
      if (state === 'connected' && this.lostAt !== null) {
        this.lostAt = null;
        this.cameBackAt = Date.now();
        // Subscriptions go on by themselves; what went meanwhile, they do not tell.
        live.refresh();
      }
      live.topics.change('connection');
    });
  }

  /** In milliseconds since 1970; null while it is there. */
  get lostSince(): number | null {
    return this.lostAt;
  }

  /** When it came back last; null when it was never lost. */
  get backSince(): number | null {
    return this.cameBackAt;
  }
}
