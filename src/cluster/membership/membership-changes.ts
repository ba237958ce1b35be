import { delay } from '../../common/async.js';
import { refuse } from '../../common/refused.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { WriteOperation } from '../../coordinator/types.js';
import type { Operations } from '../operations.js';
import { putOperation } from '../operations.js';
import {
  checkExpectedRevision,
  type Claim,
  type ProposalDraft,
  type Proposals,
  type Proposed,
} from '../proposals.js';
import { isFinished, type ActionType } from '../records.js';
import { isRunning, majority, votersOf, type JournalCopies } from './health.js';
import { endedJoin, joinOperation } from './join-operation.js';
import type { MembershipView } from './membership-view.js';
import {
  MEMBERSHIP_KEY,
  membershipCollections,
  type MembershipEntry,
  type MembershipRecord,
} from './records.js';

/** So many that were removed are remembered, the newest: older ones have found out long ago. */
const MAX_REMOVED = 1_000;

/** How long commits wait at most for a learner that is to vote. */
const CATCH_UP_MS = 300;
const LOOK_MS = 5;

export interface MembershipChangesOptions {
  readonly membership: MembershipView;
  readonly proposals: Proposals;
  readonly operations: Operations;
  readonly copies: JournalCopies;
  /** The leadership of this process, if it holds it. */
  readonly leadership: () => Leadership | undefined;
  /** Whether others can belong to the cluster: the embedded coordinator serves one process. */
  readonly isShared: boolean;
}

export interface NewMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly adminUrls: readonly string[];
}

type Urls = Partial<Pick<MembershipEntry, 'peerUrls' | 'adminUrls'>>;

/**
 * Changes of who belongs to the cluster. One voter at a time (docs/replication.md, rule 8); made by the leader only.
 */
export class MembershipChanges {
  constructor(private readonly options: MembershipChangesOptions) {}

  add({ name, peerUrls, adminUrls }: NewMember, actor: string, claim?: Claim): Promise<Proposed | null> {
    const { membership, proposals, isShared } = this.options;
    return proposals.run(() => {
      if (!isShared)
        refuse(
          'PRECONDITION_FAILED',
          null,
          'This member runs with the embedded coordinator, which no other member can reach: start all of them with --etcd.',
        );
      const { record } = membership;
      if (membership.byName(name)) refuse('ALREADY_EXISTS', 'name', `There is a member ${name} already.`);
      this.checkUnused(name, peerUrls);
      this.checkAllRun('A member is added only while all that vote run');
      const joining = joinOperation(name, actor);
      const member: MembershipEntry = {
        ...{ name, id: null, role: 'LEARNER', peerUrls: [...peerUrls], adminUrls: [...adminUrls] },
        ...{ addedAt: new Date().toISOString(), operation: joining.id },
      };
      const next = { ...record, members: [...record.members, member] };
      return this.draft(next, 'MEMBER_ADDED', name, `Added member ${name}`, actor, [joining.write]);
    }, claim);
  }

  update(
    name: string,
    urls: Urls,
    expectedRevision: bigint | null | undefined,
    actor: string,
  ): Promise<Proposed | null> {
    const { membership, proposals } = this.options;
    return proposals.run(() => {
      const member = this.existing(name);
      checkExpectedRevision(expectedRevision, membership.revision, `Member ${name}`);
      if (urls.peerUrls) this.checkUnused(name, urls.peerUrls);
      const changed = { ...member, ...urls };
      if (JSON.stringify(changed) === JSON.stringify(member)) return null;
      const what = urls.peerUrls ? 'peer URLs' : 'admin URLs';
      const list = (urls.peerUrls ?? urls.adminUrls ?? []).join(', ');
      return this.draft(this.with(changed), 'MEMBER_UPDATED', name, `New ${what} of ${name}: ${list}`, actor);
    });
  }

  /** With `force`, also while another member that votes does not run. Never without a majority of the rest. */
  remove(name: string, force: boolean, actor: string): Promise<Proposed | null> {
    const { membership, proposals, copies } = this.options;
    return copies.withoutCommits(() =>
      proposals.run(() => {
        const member = this.existing(name);
        this.checkRemovable(member, force);
        const { record } = membership;
        const gone = { name, id: member.id, removedAt: new Date().toISOString() };
        const next = {
          members: record.members.filter((each) => each.name !== name),
          removed: [...record.removed, gone].slice(-MAX_REMOVED),
        };
        const ended = this.endOfJoin(member, { state: 'CANCELLED', error: 'The member was removed.' });
        return this.draft(next, 'MEMBER_REMOVED', name, `Removed member ${name}`, actor, ended);
      }),
    );
  }

  /** A learner that has what is committed votes from now on. False when it has not, or is none any more. */
  async promote(name: string): Promise<boolean> {
    const { proposals, copies, membership } = this.options;
    const proposed = await copies.withoutCommits(async () => {
      const { id } = membership.byName(name) ?? { id: null };
      if (id === null || !(await holdsSoon(copies, id))) return null;
      return proposals.run(() => {
        const member = membership.byName(name);
        if (member?.role !== 'LEARNER' || member.id !== id) return null;
        const voter: MembershipEntry = { ...member, role: 'VOTER', operation: null };
        const ended = this.endOfJoin(member, { state: 'SUCCEEDED', error: null });
        return this.draft(this.with(voter), 'MEMBER_UPDATED', name, `Member ${name} votes`, 'quorate', ended);
      });
    });
    return proposed !== null;
  }

  private draft(
    record: MembershipRecord,
    type: ActionType,
    name: string,
    description: string,
    actor: string,
    more: readonly WriteOperation[] = [],
  ): ProposalDraft {
    const { membership, leadership } = this.options;
    const held = leadership();
    return {
      conditions: [membership.condition, ...(held ? [held.condition] : [])],
      operations: [{ put: MEMBERSHIP_KEY, value: membershipCollections.membership.encode(record) }, ...more],
      action: { type, description, target: `member/${name}`, actor },
    };
  }

  private with(member: MembershipEntry): MembershipRecord {
    const { record } = this.options.membership;
    const members = record.members.map((each) => (each.name === member.name ? member : each));
    return { ...record, members };
  }

  private existing(name: string): MembershipEntry {
    const { membership } = this.options;
    const member = membership.byName(name);
    if (member) return member;
    if (membership.record.removed.some((each) => each.name === name)) {
      const message = `Member ${name} was removed. It may be added again, and come with an empty data directory.`;
      return refuse('GONE', 'name', message);
    }
    return refuse('NOT_FOUND', 'name', `There is no member ${name}.`);
  }

  private checkUnused(name: string, peerUrls: readonly string[]): void {
    const taken = this.options.membership.takenPeerUrl(name, peerUrls);
    if (taken)
      refuse('ALREADY_EXISTS', 'peerUrls', `The peer URL ${taken.url} is that of member ${taken.owner}.`);
  }

  private checkAllRun(rule: string, except?: MembershipEntry): void {
    const { membership } = this.options;
    const down = votersOf(membership).filter(
      (each) => each.name !== except?.name && !isRunning(membership, each),
    );
    if (down.length === 0) return;
    const names = down.map(({ name }) => name).join(', ');
    refuse('UNHEALTHY', null, `${rule}. Not running: ${names}.`);
  }

  /** docs/replication.md, rule 8: without it, a majority of the rest must be alive and hold what is committed. */
  private checkRemovable(member: MembershipEntry, force: boolean): void {
    if (member.role === 'LEARNER') return;
    const { membership, copies } = this.options;
    const rest = votersOf(membership).filter(({ name }) => name !== member.name);
    if (rest.length === 0)
      refuse('WOULD_LOSE_QUORUM', 'name', `${member.name} is the only member that votes.`);
    const holds = rest.filter(
      (each) => isRunning(membership, each) && each.id !== null && copies.holdsCommitted(each.id),
    );
    if (holds.length < majority(rest.length)) {
      const missing = rest.filter((each) => !holds.includes(each)).map(({ name }) => name);
      refuse(
        'WOULD_LOSE_QUORUM',
        'name',
        `Without ${member.name}, ${majority(rest.length)} of the other ${rest.length} must run and have all that is ` +
          `committed. Down or behind: ${missing.join(', ')}.`,
      );
    }
    if (!force && isRunning(membership, member)) {
      const rule = 'A member that runs is removed only while the others do, or with force';
      this.checkAllRun(rule, member);
    }
  }

  private endOfJoin(
    { operation: id }: MembershipEntry,
    outcome: Parameters<typeof endedJoin>[1],
  ): WriteOperation[] {
    const operation = id === null ? undefined : this.options.operations.get(id);
    if (!operation || isFinished(operation.value.state)) return [];
    return [putOperation(operation.id, endedJoin(operation.value, outcome))];
  }
}

/** While nothing is committed, what is on its way arrives. */
async function holdsSoon(copies: JournalCopies, id: string): Promise<boolean> {
  const deadline = performance.now() + CATCH_UP_MS;
  while (!copies.holdsCommitted(id)) {
    if (performance.now() > deadline) return false;
    await delay(LOOK_MS);
  }
  return true;
}
