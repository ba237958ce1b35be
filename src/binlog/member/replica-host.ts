import { JournalReplica, type ReplicaOptions } from '../replication/replica.js';
import { refuse } from '../replication/serve-segments.js';
import type { PeerChannel } from '../replication/peer/channel.js';
import type { JournalStore } from './journal-store.js';

/** This member's copy of the journal, as soon as its journal is open. */
export class ReplicaHost {
  private replica: JournalReplica | null = null;
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly store: JournalStore,
    private readonly options: Omit<ReplicaOptions, 'journal'>,
  ) {}

  start(): void {
    this.unsubscribe = this.store.onChange(() => this.open());
    this.open();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.replica?.stop();
  }

  /** Null while the journal is not open. */
  get current(): JournalReplica | null {
    return this.replica;
  }

  /** Rejects when the signal aborts. */
  async untilOpen(signal: AbortSignal): Promise<JournalReplica> {
    await this.store.untilOpen(signal);
    this.open();
    return this.replica!;
  }

  /** What another member wants. Never rejects. */
  async answer(channel: PeerChannel): Promise<void> {
    if (this.replica) return this.replica.answer(channel);
    await refuse(channel, 'NOT_OPEN', this.store.problem ?? 'Its journal is being opened.');
    channel.close();
  }

  private open(): void {
    const { journal } = this.store;
    if (this.replica || !journal) return;
    this.replica = new JournalReplica({ ...this.options, journal });
    this.replica.start();
  }
}
