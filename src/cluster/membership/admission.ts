import { Backoff, delay, raceAbort } from '../../common/async.js';
import { errorMessage, QuorateError } from '../../common/errors.js';
import { isPassing } from '../../coordinator/errors.js';
import type { WriteOperation } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import type { ActionDraft } from '../action-write.js';
import type { Proposals } from '../proposals.js';
import type { ActionType } from '../records.js';
import { IdentityError, type IdentityFile, type StoredIdentity } from './identity-file.js';
import { joinOperation } from './join-operation.js';
import type { MembershipView } from './membership-view.js';
import {
  MEMBERSHIP_KEY,
  membershipCollections,
  type MembershipEntry,
  type MembershipRecord,
} from './records.js';

/** How often it is looked again for what may have been missed. */
const LOOK_MS = 5_000;

/** The cluster has taken this member out: its data are of no more use. */
export class MemberRemovedError extends QuorateError {
  constructor(name: string) {
    super(
      'MEMBER_REMOVED',
      `Member ${name} was removed from the cluster. It may come back only with an empty data directory, after addMember ` +
        'or with --join.',
    );
  }
}

export interface AdmissionOptions {
  readonly membership: MembershipView;
  readonly proposals: Proposals;
  readonly file: IdentityFile;
  /** As `file` has it. */
  readonly identity: StoredIdentity;
  readonly name: string;
  readonly peerUrls: () => readonly string[];
  readonly adminUrls: readonly string[];
  /** Whether it names itself when nobody has. */
  readonly joins: boolean;
  readonly log: Logger;
}

/** Lets this process into the cluster: as its first member, as one that was named, or by its own wish. */
export class Admission {
  private waitsFor: string | null = null;

  constructor(private readonly options: AdmissionOptions) {}

  /** Why it is not in yet; null when it is, or is about to be. */
  get waiting(): string | null {
    return this.waitsFor;
  }

  /**
   * Resolves once this member is in, however long that takes.
   *
   * @throws MemberRemovedError, IdentityError when it can never be let in as it is
   */
  async run(signal: AbortSignal): Promise<void> {
    const { file, identity } = this.options;
    const backoff = new Backoff(100, 3_000);
    for (;;) {
      signal.throwIfAborted();
      try {
        const before = this.options.membership.revision;
        if (await this.attempt(identity, signal)) break;
        backoff.reset();
        if (this.options.membership.revision === before) await this.untilChanged(signal);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.wait(errorMessage(error));
        await delay(backoff.next(), signal);
      }
    }
    if (!identity.isAdmitted) await file.write({ ...identity, isAdmitted: true });
    this.waitsFor = null;
  }

  private async attempt({ id, isAdmitted }: StoredIdentity, signal: AbortSignal): Promise<boolean> {
    const { membership, name, joins } = this.options;
    await membership.refresh(signal);
    const { record } = membership;
    const taken = this.takenAddress();
    if (taken !== null) {
      this.wait(taken);
      return false;
    }
    const own = membership.byId(id);
    if (own) {
      this.checkName(own);
      const moved = { ...own, ...this.urls() };
      if (JSON.stringify(moved) === JSON.stringify(own)) return true;
      const where = [...moved.peerUrls, ...moved.adminUrls].join(', ');
      return this.put(record, moved, [], `Member ${name} is at ${where}`, 'MEMBER_UPDATED');
    }
    if (record.removed.some((each) => each.id === id)) throw new MemberRemovedError(name);
    if (isAdmitted) throw this.unknown(id);
    if (membership.revision === 0n)
      return this.put(record, this.entry(id), [], `Member ${name} is the first of its cluster`);
    const named = membership.byName(name);
    if (named?.id === null) {
      const entry = { ...named, id, ...this.urls() };
      return this.put(record, entry, [], `Member ${name} has come`);
    }
    if (named) throw this.taken(named);
    if (joins) {
      const joining = joinOperation(name, name);
      const entry = { ...this.entry(id), role: 'LEARNER' as const, operation: joining.id };
      return this.put(record, entry, [joining.write], `Member ${name} joins`);
    }
    this.wait(
      `member ${name} is not part of this cluster: name it with addMember at one that is, or start it with --join`,
    );
    return false;
  }

  private checkName(own: MembershipEntry): void {
    const { name, file } = this.options;
    if (own.name === name) return;
    throw new IdentityError(
      `The data directory belongs to member ${own.name}, not to ${name}: see ${file.path}. Start it with --name ` +
        `${own.name}, or with another --data-dir.`,
    );
  }

  /** Why this member cannot be where it says: another one is there. Null when nobody is. */
  private takenAddress(): string | null {
    const { membership, name, peerUrls } = this.options;
    const taken = membership.takenPeerUrl(name, peerUrls());
    if (!taken) return null;
    return `its peer URL ${taken.url} is that of member ${taken.owner}: start ${name} with a --peer-listen or --peer-advertise of its own`;
  }

  private unknown(id: string): IdentityError {
    return new IdentityError(
      `The data directory belongs to member ${id}, which this cluster has never had. Is it that of another cluster, or ` +
        'has the coordinator lost its data? Start with an empty data directory, or restore the coordinator.',
    );
  }

  private taken({ name, id }: MembershipEntry): IdentityError {
    return new IdentityError(
      `Member ${name} has another data directory (${id}). Start it with that one; if it is lost, remove the member and ` +
        'start again.',
    );
  }

  private entry(id: string): MembershipEntry {
    const { name } = this.options;
    return { name, id, role: 'VOTER', ...this.urls(), addedAt: new Date().toISOString(), operation: null };
  }

  /** It knows best where it is. */
  private urls(): Pick<MembershipEntry, 'peerUrls' | 'adminUrls'> {
    const { peerUrls, adminUrls } = this.options;
    return { peerUrls: [...peerUrls()], adminUrls: [...adminUrls] };
  }

  /** @returns false when it has changed meanwhile */
  private async put(
    record: MembershipRecord,
    entry: MembershipEntry,
    more: readonly WriteOperation[],
    description: string,
    type: ActionType = 'MEMBER_ADDED',
  ): Promise<boolean> {
    const { membership, proposals, name } = this.options;
    const members = [...record.members.filter((each) => each.name !== entry.name), entry];
    const value = membershipCollections.membership.encode({ ...record, members });
    const action: ActionDraft = { type, description, actor: name, target: `member/${name}` };
    const { condition } = membership;
    const operations = [{ put: MEMBERSHIP_KEY, value }, ...more];
    const proposed = await proposals.propose({ conditions: [condition], operations, action });
    return proposed !== undefined;
  }

  private wait(reason: string): void {
    if (this.waitsFor !== reason) this.options.log.warn({ reason }, 'Not let in yet');
    this.waitsFor = reason;
  }

  private async untilChanged(signal: AbortSignal): Promise<void> {
    let end: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => (end = this.options.membership.onChange(resolve)));
    const patience = new AbortController();
    try {
      await Promise.race([raceAbort(changed, signal), delay(LOOK_MS, patience.signal)]);
    } finally {
      patience.abort();
      end();
    }
  }
}
