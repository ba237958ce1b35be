import { Backoff, delay } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import type { Coordinator, Session } from '../coordinator/types.js';
import { campaign, type Leadership } from '../coordinator/leadership.js';
import type { Logger } from '../telemetry/logger.js';
import type { Candidacy } from './candidacy.js';
import type { Proposals, Proposed } from './proposals.js';
import { collections, LEADER_KEY, SUCCESSION_KEY, type LeaderRecord } from './records.js';

export interface LeaderWork {
  /** When this process may lead. */
  readonly candidacy: Candidacy;
  /** The work of a leader while it is one. It must end soon after the leadership's signal aborts. */
  readonly duty: (leadership: Leadership) => Promise<void>;
}

/** Where the session comes from under which this process may lead. */
export interface SessionSource {
  /** The live session, as soon as there is one. */
  current(signal: AbortSignal): Promise<Session>;
}

/**
 * Campaigns for leadership under a session, runs the duty while it is held, and starts over when it is lost.
 */
export class LeaderRuntime {
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private held: Leadership | undefined;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly record: LeaderRecord,
    private readonly sessions: SessionSource,
    private readonly proposals: Proposals,
    private readonly log: Logger,
  ) {}

  /** The leadership of this process, if it holds it at this moment. */
  get leadership(): Leadership | undefined {
    return this.held?.isHeld() ? this.held : undefined;
  }

  start(work: LeaderWork): void {
    this.loop = this.run(work);
  }

  /** Gives leadership up, so that the next leader need not wait for the session to expire. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('This member is stopping.'));
    await this.loop;
  }

  /**
   * Gives leadership up in favour of another, whom the others let go first.
   *
   * @returns null when this process does not lead
   */
  async handOver(to: string, actor: string): Promise<Proposed | null> {
    const { leadership } = this;
    if (!leadership) return null;
    const record = { to, epoch: String(leadership.epoch) };
    const proposed = await this.proposals.propose({
      conditions: [leadership.condition],
      operations: [{ put: SUCCESSION_KEY, value: collections.succession.encode(record) }],
      action: {
        type: 'LEADER_CHANGED',
        description: `Member ${this.record.member} hands over to ${to}`,
        target: `member/${to}`,
        actor,
      },
    });
    await leadership.resign();
    return proposed ?? null;
  }

  private async run({ candidacy, duty }: LeaderWork): Promise<void> {
    const signal = this.stopping.signal;
    const backoff = new Backoff(100, 3_000);
    while (!signal.aborted) {
      try {
        const session = await this.sessions.current(signal);
        const value = collections.leadership.encode(this.record);
        const before = (ended: AbortSignal): Promise<void> => candidacy.wait(ended);
        const leadership = await campaign(this.coordinator, LEADER_KEY, value, session, { signal, before });
        backoff.reset();
        await this.lead(leadership, duty, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn(
          { reason: errorMessage(error) },
          'Leadership was lost or could not be sought; trying again',
        );
        await delay(backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  private async lead(leadership: Leadership, duty: LeaderWork['duty'], stopping: AbortSignal): Promise<void> {
    this.held = leadership;
    this.log.info({ epoch: String(leadership.epoch) }, 'This member leads');
    const onStop = (): void => void leadership.resign();
    stopping.addEventListener('abort', onStop, { once: true });
    try {
      await this.announce(leadership);
      await duty(leadership);
    } finally {
      stopping.removeEventListener('abort', onStop);
      this.held = undefined;
      await leadership.resign();
      this.log.info({ epoch: String(leadership.epoch) }, 'This member no longer leads');
    }
  }

  private async announce(leadership: Leadership): Promise<void> {
    const { member } = this.record;
    await this.proposals.propose({
      conditions: [leadership.condition],
      operations: [],
      action: {
        type: 'LEADER_CHANGED',
        description: `Member ${member} leads, epoch ${leadership.epoch}`,
        target: `member/${member}`,
        actor: member,
      },
    });
  }
}
