import { Backoff, delay } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import type { OperationState } from '../../cluster/records.js';
import type { Slot } from '../topology/topology.js';
import { BatchRunner, newest } from './batch-runner.js';
import { GroupsInUseError, groupsOf, untilFree } from './groups-in-use.js';
import { OperationLog } from './operation-log.js';
import type { PlannedMove } from './plan.js';
import { Throttles } from './limits.js';
import { Paces } from './pace.js';
import { Progress } from './progress.js';
import type { RunnerContext } from './runner-context.js';
import { batchSteps, pairOf, withdrawals, type MoveStep } from './steps.js';
import { Surveys } from './surveys.js';
import { Targets } from './targets.js';

const PROGRESS_INTERVAL_MS = 1_000;

/**
 * Carries out one move of slots until it is finished, paused or this member no longer leads.
 *
 * It keeps nothing that matters in memory: what to do next follows from the stored slots (`steps.ts`).
 * Anything that goes wrong pauses the operation with the reason; resuming it tries again from there.
 */
export class OperationRunner {
  private readonly moves: ReadonlyMap<number, PlannedMove>;
  private readonly record: OperationLog;
  private readonly surveys: Surveys;
  private readonly batches: BatchRunner;

  constructor(
    private readonly context: RunnerContext,
    private readonly id: string,
  ) {
    this.record = new OperationLog(context, id);
    const moves = this.record.plan?.moves ?? [];
    this.moves = new Map(moves.map(([slot, from, to]) => [slot, { slot, from, to }]));
    const throttles = new Throttles(() => context.topology.limits());
    const paces = new Paces(() => this.record.plan?.speed ?? 'GENTLE', context.clientsOf);
    this.record.paces = paces;
    this.surveys = new Surveys(context.topology, throttles, paces);
    const targets = new Targets(context, () => this.record.plan?.discardAtTarget === true);
    this.batches = new BatchRunner(
      context,
      id,
      this.record,
      this.moves,
      throttles,
      this.surveys,
      targets,
      paces,
    );
  }

  /** Never rejects: what went wrong is written into the operation, or another leader takes over. */
  async run(): Promise<void> {
    const { leadership, log } = this.context;
    if (this.record.state === 'PAUSED') return this.releaseHeld();
    try {
      await this.record.setState('RUNNING', ['PENDING']);
      const ticker = setInterval(() => void this.record.report(), PROGRESS_INTERVAL_MS);
      try {
        await this.work();
      } finally {
        clearInterval(ticker);
        await this.record.report();
      }
    } catch (error) {
      if (!leadership.isHeld()) return;
      log.warn(
        { operation: this.id, reason: errorMessage(error) },
        'A move of slots was stopped by an error',
      );
      await this.record.recordFailure(errorMessage(error));
    }
  }

  /** While an operation rests, no request waits for its next step. */
  private async releaseHeld(): Promise<void> {
    const { leadership, log } = this.context;
    const backoff = new Backoff(100, 3_000);
    const holds = (): boolean => this.claimedSlots().some((slot) => slot.status === 'PRE_MIGRATE');
    while (leadership.isHeld() && this.record.state === 'PAUSED' && holds()) {
      try {
        for (const batch of withdrawals(this.claimedSlots(), this.moves))
          await this.batches.withdraw(batch, true);
      } catch (error) {
        log.warn(
          { operation: this.id, reason: errorMessage(error) },
          'Slots of a paused move are still held',
        );
      }
      if (holds()) await delay(backoff.next(), leadership.signal).catch(() => undefined);
    }
  }

  private async work(): Promise<void> {
    for (;;) {
      const { state } = this.record;
      if (state !== 'RUNNING' && state !== 'CANCELLING') return;
      const steps = this.steps(state);
      if (steps.length === 0) return this.finish(state === 'RUNNING' ? 'SUCCEEDED' : 'CANCELLED');
      await this.whileIn(state, async (interrupted) => {
        const reversing = steps.filter(({ kind }) => kind === 'REVERSE');
        if (reversing.length > 0) return [this.reverse(reversing, state === 'RUNNING', interrupted)];
        if (this.needsSurvey(state, steps[0])) this.record.progress = await this.survey(interrupted);
        const pairs = new Set(steps.map(pairOf));
        return [...pairs].map((pair) => this.workOnPair(pair, state, interrupted));
      });
    }
  }

  /**
   * Before the first slot sets out. Slots found on their way by a new leader come first: looking at all keys
   * takes long, and requests are held for them or take the longer way.
   */
  private needsSurvey(state: OperationState, next: MoveStep | undefined): boolean {
    return state === 'RUNNING' && next?.kind === 'HOLD' && this.record.progress === undefined;
  }

  private reverse(batches: readonly MoveStep[], forward: boolean, interrupted: AbortSignal): Promise<void> {
    return this.context.locks.run(groupsOf(batches), interrupted, () =>
      this.batches.reverse(batches, forward),
    );
  }

  /** Pairs of groups go on side by side, none waiting for another; the first that fails stops all. */
  private async workOnPair(pair: string, state: OperationState, interrupted: AbortSignal): Promise<void> {
    for (;;) {
      interrupted.throwIfAborted();
      const batch = this.steps(state).find((step) => pairOf(step) === pair);
      if (!batch || this.needsSurvey(state, batch)) return;
      await this.whenFree(interrupted, () =>
        this.context.locks.run(groupsOf([batch]), interrupted, () =>
          this.batches.advance(batch, state === 'RUNNING', interrupted),
        ),
      );
    }
  }

  /** Waits, instead of doing the work, while another operation that goes on is in the way. */
  private async whenFree(interrupted: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof GroupsInUseError)) throw error;
      await untilFree(this.context.topology, error, this.id, interrupted);
    }
  }

  /** Runs the work until all of it has ended. Interrupted when one part fails or the state is another. */
  private async whileIn(
    state: OperationState,
    start: (interrupted: AbortSignal) => Promise<readonly Promise<void>[]>,
  ): Promise<void> {
    const failed = new AbortController();
    const interrupted = AbortSignal.any([failed.signal, this.context.leadership.signal]);
    const unwatch = this.context.topology.view.subscribe(() => {
      if (this.record.state !== state) failed.abort(new Interrupted());
    });
    const fail = (error: unknown): void => {
      if (!failed.signal.aborted) failed.abort(error);
    };
    try {
      const parts = await start(interrupted).catch((error: unknown) => {
        fail(error);
        return [];
      });
      await Promise.all(parts.map((part) => part.catch(fail)));
      // What failed on a way that is no longer wanted is met again, if it still matters.
      if (failed.signal.aborted && this.record.state === state) throw failed.signal.reason;
    } finally {
      unwatch();
    }
  }

  /** What is to be done next, the most urgent first, from the slots as they are stored. */
  private steps(state: OperationState): MoveStep[] {
    const { slotsPerBatch } = this.context.topology.limits();
    return batchSteps(this.claimedSlots(), this.moves, state === 'RUNNING', slotsPerBatch);
  }

  private async finish(state: OperationState): Promise<void> {
    const slots = [...this.moves.keys()].flatMap((number) => this.context.topology.slot(number) ?? []);
    await this.context.barrier.wait(newest(slots), this.context.leadership.signal);
    await this.record.setState(state, ['RUNNING', 'CANCELLING']);
  }

  /** Counts the keys that are to move, and refuses to begin with some that are too big to. */
  private async survey(signal: AbortSignal): Promise<Progress> {
    await this.prepareTargets(signal);
    const bySource = new Map<number, number[]>();
    for (const { group, number } of this.claimedSlots()) {
      if (group !== null) bySource.set(group, [...(bySource.get(group) ?? []), number]);
    }
    const taken = await Promise.all(
      [...bySource].map(([group, slots]) => this.surveys.take(group, slots, signal)),
    );
    const counts = new Map(taken.flatMap((each) => [...each.counts]));
    return new Progress(this.doneBefore(counts), counts);
  }

  /** First of all, since looking at the keys that are to move takes long. */
  private async prepareTargets(signal: AbortSignal): Promise<void> {
    const pairs = new Map<string, PlannedMove>();
    for (const { number, status } of this.claimedSlots()) {
      const move = this.moves.get(number);
      if (move && status === 'ONLINE') pairs.set(`${move.from}-${move.to}`, move);
    }
    for (const { from, to } of pairs.values()) {
      await this.whenFree(signal, () =>
        this.context.locks.run([from, to], signal, () => this.batches.prepare(from, to, signal)),
      );
    }
  }

  /** Keys that an earlier run counted and that are no longer at the source have moved, whoever moved them. */
  private doneBefore(left: ReadonlyMap<number, number>): number {
    const { done, total } = this.record.operation?.value ?? { done: 0, total: null };
    if (total === null || this.record.state !== 'RUNNING') return done;
    return Math.max(done, total - [...left.values()].reduce((sum, keys) => sum + keys, 0));
  }

  private claimedSlots(): Slot[] {
    return this.context.topology.slots().filter((slot) => slot.operation === this.id);
  }
}

/** Somebody paused or cancelled the operation: its steps stop, and that is no failure. */
class Interrupted extends QuorateError {
  constructor() {
    super('INTERRUPTED', 'The operation was paused or cancelled.');
  }
}
