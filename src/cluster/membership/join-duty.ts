import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { reportProgress, type Operations } from '../operations.js';
import { isFinished } from '../records.js';
import { isRunning, type JournalCopies } from './health.js';
import type { Membership } from './membership.js';
import type { Memberships } from './memberships.js';
import type { MembershipEntry } from './records.js';

const LOOK_MS = 200;
/** Progress is written at most so often. */
const REPORT_MS = 1_000;
/** A learner this close is let vote: the rest comes while commits wait for it. */
const CLOSE_BYTES = 4 * 1024 * 1024;

export interface JoinDutyOptions {
  readonly coordinator: Coordinator;
  readonly membership: Membership;
  readonly memberships: Memberships;
  readonly operations: Operations;
  readonly copies: JournalCopies;
  readonly log: Logger;
}

/** What the leader does for members that join: shows how far they are, and lets them vote when they have caught up. */
export async function letLearnersVote(options: JoinDutyOptions, leadership: Leadership): Promise<void> {
  const { membership, memberships, copies, log } = options;
  let reportedAt = 0;
  while (leadership.isHeld()) {
    const isReportDue = performance.now() - reportedAt > REPORT_MS;
    for (const member of membership.members.filter(({ role }) => role === 'LEARNER')) {
      try {
        if (isClose(member, membership, copies)) await memberships.promote(member.name);
        else if (isReportDue) await report(member, options, leadership);
      } catch (error) {
        if (!leadership.isHeld()) return;
        log.warn({ member: member.name, reason: errorMessage(error) }, 'A member that joins waits longer');
      }
    }
    if (isReportDue) reportedAt = performance.now();
    await delay(LOOK_MS, leadership.signal).catch(() => undefined);
  }
}

function isClose(member: MembershipEntry, membership: Membership, copies: JournalCopies): boolean {
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
