import { Backoff, delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { collections as shared, type ActionRecord } from '../../cluster/records.js';
import type { StateView, ViewBatch } from '../../cluster/view.js';
import type { Coordinator, Session } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { topologyCollections as collections } from '../topology/records.js';

/** Receipts in one transaction; the coordinator takes 120 operations. */
const RECEIPTS_PER_TRANSACTION = 100;

/** After how long of not settling the proxy says what it waits for, in milliseconds. */
const EXPLAIN_AFTER_MS = 500;

export interface AcknowledgerOptions {
  readonly coordinator: Coordinator;
  readonly view: StateView;
  readonly name: string;
  readonly incarnation: string;
  readonly session: (signal: AbortSignal) => Promise<Session>;
  /** Whether clients can connect. */
  readonly listening: () => boolean;
  /** What keeps the newest table from being applied, if anything does. */
  readonly waitingFor: () => string | null;
  readonly log: Logger;
}

/**
 * Tells the coordinator which revision this proxy has applied, with a receipt for every action that asked
 * for one. One write at a time; what is applied meanwhile goes into the next.
 */
export class Acknowledger {
  private readonly stopping = new AbortController();
  private readonly due: { id: string; revision: bigint }[] = [];
  private applied = 0n;
  private written:
    { revision: bigint; waitingFor: string | null; listening: boolean; sessionId: string } | undefined;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private unsubscribe: () => void = () => undefined;
  private explainTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: AcknowledgerOptions) {}

  /** @param since revision of the registration: actions after it may name this proxy */
  start(since: bigint): void {
    for (const { id, createRevision, value } of this.options.view.list(shared.actions)) {
      if (createRevision > since) this.note(id, createRevision, value.receivers);
    }
    this.unsubscribe = this.options.view.subscribe((batch) => this.collect(batch));
    this.explainTimer = setInterval(() => this.wake(), EXPLAIN_AFTER_MS);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    clearInterval(this.explainTimer);
    this.stopping.abort(new Error('The proxy is stopping.'));
    this.wake();
    await this.loop;
  }

  /** The data plane has applied everything up to this revision. */
  acknowledge(revision: bigint): void {
    if (revision > this.applied) this.applied = revision;
    this.wake();
  }

  /** What else it tells has changed. */
  update(): void {
    this.wake();
  }

  private collect(batch: ViewBatch): void {
    for (const { collection, id, before, after } of batch.changes) {
      if (collection !== shared.actions || !after || before) continue;
      this.note(id, after.createRevision, (after.value as ActionRecord).receivers);
    }
  }

  private note(id: string, revision: bigint, receivers: readonly string[]): void {
    if (receivers.includes(this.options.name)) this.due.push({ id, revision });
  }

  private async run(): Promise<void> {
    const signal = this.stopping.signal;
    const backoff = new Backoff(50, 2_000);
    while (!signal.aborted) {
      try {
        const session = await this.options.session(signal);
        const waitingFor = this.options.waitingFor();
        if (!this.isWritten(session, waitingFor)) {
          await this.write(session, this.applied, waitingFor);
          backoff.reset();
          continue;
        }
      } catch (error) {
        if (signal.aborted) return;
        this.options.log.warn(
          { reason: errorMessage(error) },
          'An acknowledgement could not be written; trying again',
        );
        await delay(backoff.next(), signal).catch(() => undefined);
        continue;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private isWritten(session: Session, waitingFor: string | null): boolean {
    return (
      this.written?.revision === this.applied &&
      this.written.waitingFor === waitingFor &&
      this.written.listening === this.options.listening() &&
      this.written.sessionId === session.id
    );
  }

  private async write(session: Session, revision: bigint, waitingFor: string | null): Promise<void> {
    const { coordinator, name, incarnation } = this.options;
    const listening = this.options.listening();
    const receipts = this.due
      .filter((action) => action.revision <= revision)
      .slice(0, RECEIPTS_PER_TRANSACTION);
    const confirmedAt = new Date().toISOString();
    const ack = collections.proxyAcks.encode({
      ...{ incarnation, revision: String(revision), waitingFor, listening },
    });
    const result = await coordinator.commit({
      conditions: [],
      operations: [
        { put: collections.proxyAcks.key(name), value: ack, session },
        ...receipts.map((action) => ({
          put: shared.receipts.key(`${action.id}/${name}`),
          value: shared.receipts.encode({ confirmedAt }),
        })),
      ],
    });
    if (!result.committed) return;
    this.written = { revision, waitingFor, listening, sessionId: session.id };
    this.due.splice(0, this.due.length, ...this.due.filter((action) => !receipts.includes(action)));
  }
}
