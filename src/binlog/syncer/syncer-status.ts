import type { Flavour } from '../protocol/gtid/gtid-set.js';
import type { Ingest } from './ingest.js';
import { RateMeter } from '../rate-meter.js';

export type SyncerState = 'STOPPED' | 'CONNECTING' | 'RUNNING' | 'RETRYING' | 'FAILED';

/** What has come of sources since this process began. */
export interface Received {
  readonly events: number;
  readonly bytes: number;
  readonly transactions: number;
}

/** How the syncer is, as far as this member knows. */
export class SyncerStatus {
  state: SyncerState = 'STOPPED';
  /** Why it is not running. */
  reason: string | null = null;
  /** Since when it is in that state, in milliseconds since 1970. */
  since = Date.now();
  flavour: Flavour | null = null;
  sourceVersion: string | null = null;
  isSemiSyncActive = false;
  warnings: readonly string[] = [];
  connectedAt: Date | null = null;
  reconnects = 0;
  ingest: Ingest | null = null;
  /** By connections that have ended. */
  private before: Received = { events: 0, bytes: 0, transactions: 0 };
  readonly events = new RateMeter();
  readonly bytes = new RateMeter();
  private readonly listeners = new Set<() => void>();

  /** Called with each change of state; answers how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** By all connections, the present one included. */
  get received(): Received {
    const { before, ingest } = this;
    if (ingest === null) return before;
    return {
      events: before.events + ingest.events,
      bytes: before.bytes + ingest.bytes,
      transactions: before.transactions + ingest.transactions,
    };
  }

  /** The connection has ended. */
  endIngest(): void {
    this.before = this.received;
    this.ingest = null;
  }

  change(state: SyncerState, reason: string | null = null): void {
    if (state !== this.state) this.since = Date.now();
    this.state = state;
    this.reason = reason;
    if (state !== 'RUNNING') {
      this.isSemiSyncActive = false;
      this.connectedAt = null;
    }
    this.emit();
  }

  /** What the source says of it while it is followed. */
  changeSemiSync(isActive: boolean): void {
    if (this.isSemiSyncActive === isActive) return;
    this.isSemiSyncActive = isActive;
    this.emit();
  }

  /** Takes note of how much has come; to be called once a second. */
  measure(): void {
    this.events.note(this.ingest?.events ?? 0);
    this.bytes.note(this.ingest?.bytes ?? 0);
  }

  /** How late the last commit at the source has come here; null when nothing is known of it. */
  get secondsBehindSource(): number | null {
    const { ingest } = this;
    if (ingest === null || this.state !== 'RUNNING') return null;
    // With nothing to come it is not behind. Behind one that has come, time may pass without a further one.
    if (ingest.isAtHeartbeat || this.bytes.perSecond === 0 || ingest.lastTimestamp === 0) return 0;
    return Math.max(0, ingest.lastArrival / 1_000 - ingest.lastTimestamp);
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}
