import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { reportProgress, type Operations } from '../operations.js';
import { isFinished } from '../records.js';
import { isRunning, type JournalCopies } from './health.js';
import type { MembershipView } from './membership-view.js';
import type { MembershipChanges } from './membership-changes.js';
import type { MembershipEntry } from './records.js';

const LOOK_MS = 200;
/** Progress is written at most so often. */
const REPORT_MS = 1_000;
/** How long a member may take to answer at its address. */
const REACH_MS = 5_000;
/** A learner this close is let vote: the rest comes while commits wait for it. */
const CLOSE_BYTES = 4 * 1024 * 1024;

export interface JoinDutyOptions {
  readonly coordinator: Coordinator;
  readonly membership: MembershipView;
  readonly membershipChanges: MembershipChanges;
  readonly operations: Operations;
  readonly copies: JournalCopies;
  /** Resolves when that member answers at its own peer address, and proves who it is. */
  readonly reach: (member: string, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** What the leader does for members that join: shows how far they are, and lets them vote when they have caught up. */
export class JoinDuty {
  /** By name, why a member that has caught up does not vote yet. */
  readonly currentProblems = new Map<string, string>();

  constructor(private readonly options: JoinDutyOptions) {}

  /** Ends with leadership. Never rejects. */
  async run(leadership: Leadership): Promise<void> {
    const { membership } = this.options;
    let reportedAt = 0;
    while (leadership.isHeld()) {
      const isReportDue = performance.now() - reportedAt > REPORT_MS;
      for (const member of membership.members.filter(({ role }) => role === 'LEARNER')) {
        await this.look(member, leadership, isReportDue);
      }
      for (const name of this.currentProblems.keys())
        if (membership.byName(name)?.role !== 'LEARNER') this.currentProblems.delete(name);
      if (isReportDue) reportedAt = performance.now();
      await delay(LOOK_MS, leadership.signal).catch(() => undefined);
    }
    this.currentProblems.clear();
  }

  private async look(member: MembershipEntry, leadership: Leadership, isReportDue: boolean): Promise<void> {
    const { membership, membershipChanges, copies, reach, log } = this.options;
    const { name } = member;
    try {
      if (isClose(member, membership, copies)) {
        // A learner calls the leader, and would lead one day: then it has to be found where it says that it is.
        await reach(name, AbortSignal.any([leadership.signal, AbortSignal.timeout(REACH_MS)]));
        await membershipChanges.promote(name);
        this.currentProblems.delete(name);
      } else if (isReportDue) await report(member, this.options, leadership);
    } catch (error) {
      if (!leadership.isHeld()) return;
      const reason = errorMessage(error);
      if (this.currentProblems.get(name) !== reason)
        log.warn({ member: name, reason }, 'A member that joins waits longer');
      this.currentProblems.set(name, reason);
    }
  }
}

function isClose(member: MembershipEntry, membership: MembershipView, copies: JournalCopies): boolean {
  if (member.id === null || !isRunning(membership, member)) return false;
  const known = copies.progress(member.id);
  return copies.holdsCommitted(member.id) || (known !== null && known.total - known.done < CLOSE_BYTES);
}

async function report(
  { id, operation: operationId }: MembershipEntry,
  { coordinator, operations, copies }: JoinDutyOptions,
  leadership: Leadership,
): Promise<void> {
  const operation = operationId === null ? undefined : operations.get(operationId);
  const progress = id === null ? null : copies.progress(id);
  if (!operation || isFinished(operation.value.state) || !progress) return;
  const { value } = operation;
  if (value.done === progress.done && value.total === progress.total) return;
  const rate = Math.max(0, progress.done - value.done) / (REPORT_MS / 1_000);
  await reportProgress(coordinator, operation, { ...progress, rate }, leadership.condition);
}
