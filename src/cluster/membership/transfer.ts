import { refuse } from '../../common/refused.js';
import type { Proposed } from '../proposals.js';
import { collections } from '../records.js';
import { isRunning, votersOf, type JournalCopies } from './health.js';
import type { MembershipView } from './membership-view.js';
import type { MembershipEntry } from './records.js';

/** How long it may take until the other one leads. */
const TAKE_OVER_MS = 5_000;

export interface TransferOptions {
  readonly membership: MembershipView;
  readonly copies: JournalCopies;
  /** The name of this member, which leads. */
  readonly memberName: string;
  /** Null when this process does not lead any more. */
  readonly handOver: (to: string, actor: string) => Promise<Proposed | null>;
}

/**
 * Lets another member lead, which has all that is committed.
 *
 * @param to null: the first that can
 */
export async function transferLeadership(
  options: TransferOptions,
  to: string | null,
  actor: string,
): Promise<Proposed | null> {
  const { membership, memberName, handOver } = options;
  const name = to === null ? anyOther(options) : checked(options, to);
  if (name === memberName) return null;
  const proposed = await handOver(name, actor);
  if (!proposed) refuse('CONFLICT', null, `Member ${memberName} no longer leads; try again.`);
  const { view } = membership;
  const leads = (): boolean => {
    const leader = view.get(collections.leadership, 'leader')?.value.member;
    return leader !== undefined && leader !== memberName;
  };
  await view.until(leads, AbortSignal.timeout(TAKE_OVER_MS)).catch(() => {
    const message = `Member ${memberName} has given leadership up, but nobody has taken it in ${TAKE_OVER_MS} ms.`;
    refuse('TIMEOUT', null, message);
  });
  return proposed;
}

function checked({ membership, copies, memberName }: TransferOptions, name: string): string {
  const member = membership.byName(name);
  if (!member) return refuse('NOT_FOUND', 'to', `There is no member ${name}.`);
  if (name === memberName) return name;
  if (member.role !== 'VOTER')
    refuse('PRECONDITION_FAILED', 'to', `Member ${name} has no vote yet: it is still catching up.`);
  if (!isRunning(membership, member)) refuse('UNHEALTHY', 'to', `Member ${name} does not run.`);
  if (!isClose(copies, member))
    refuse('UNHEALTHY', 'to', `Member ${name} is not in touch with the leader, or far behind.`);
  return name;
}

function anyOther({ membership, copies, memberName }: TransferOptions): string {
  const member = votersOf(membership).find(
    (each) => each.name !== memberName && isRunning(membership, each) && isClose(copies, each),
  );
  return member?.name ?? refuse('UNHEALTHY', null, 'No other member that votes runs and has caught up.');
}

/** What is missing by little, the next leader fetches. */
function isClose(copies: JournalCopies, { id }: MembershipEntry): boolean {
  if (id === null) return false;
  const known = copies.progress(id);
  return copies.holdsCommitted(id) || (known !== null && known.total - known.done < 1024 * 1024);
}
