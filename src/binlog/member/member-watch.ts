import { errorMessage, QuorateError } from '../../common/errors.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { MembershipEntry } from '../../cluster/membership/records.js';
import type { BinlogView } from '../control/binlog-view.js';
import { memberReport, type MemberReport, type ServerReport } from './member-report.js';

const ASK_INTERVAL_MS = 1_000;

/** How long what a member said last counts when it says nothing more: its slaves may still be there. */
const REMEMBERED_MS = 60_000;

/** What one member asks of another. Each rejects when the other does not answer in time. */
export interface MemberCalls {
  /** What it says of its binlog servers; not checked yet. */
  report(member: MembershipEntry): Promise<unknown>;
  /** @returns whether there was such a slave */
  disconnect(member: MembershipEntry, server: string, connectionId: number): Promise<boolean>;
}

/** What is known of another member. */
export interface HeardMember {
  readonly name: string;
  /** The last answer of the member; null before the first one. */
  readonly report: MemberReport | null;
  /** Why it did not answer when it was asked last; null when it did, or has not been asked. */
  readonly currentProblem: string | null;
  /** When it answered last, else since when it is asked; on the clock of `performance.now`. */
  readonly at: number;
}

export interface MemberWatchOptions {
  readonly memberName: string;
  readonly membership: MembershipView;
  readonly binlog: BinlogView;
  readonly calls: MemberCalls;
}

/**
 * Asks the other members that have binlog servers for their slaves, and the one that leads for the syncer and for how far
 * everybody's copy of the journal is, once a second, and keeps what they say. The one that leads asks all of them.
 */
export class MemberWatch {
  private readonly heard = new Map<string, HeardMember>();
  private readonly asking = new Map<string, Promise<void>>();
  private readonly listeners = new Set<(server: string) => void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: MemberWatchOptions) {}

  start(): void {
    this.timer = setInterval(() => this.askAll(), ASK_INTERVAL_MS);
    this.askAll();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.asking.values());
  }

  /** Undefined when it is not asked. */
  of(member: string): HeardMember | undefined {
    return this.heard.get(member);
  }

  /** Those whose last words still count. */
  remembered(): HeardMember[] {
    const now = performance.now();
    const counts = ({ report, currentProblem, at }: HeardMember): boolean =>
      (report !== null && currentProblem === null) || now - at < REMEMBERED_MS;
    return [...this.heard.values()].filter(counts);
  }

  /** Resolves when each of them has answered anew, or has not. */
  async refresh(members: readonly string[]): Promise<void> {
    const wanted = this.others().filter(({ name }) => members.includes(name));
    await Promise.all(wanted.map(({ name }) => this.asking.get(name) ?? Promise.resolve()));
    await Promise.all(wanted.map((member) => this.ask(member)));
  }

  /** Called with a binlog server's name when what another member says of it has changed; answers how to end that. */
  onChange(listener: (server: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private askAll(): void {
    const others = this.others();
    for (const [name, { report }] of [...this.heard]) {
      if (others.some((member) => member.name === name)) continue;
      this.heard.delete(name);
      this.emit(report, null);
    }
    for (const member of others) void this.ask(member);
  }

  /** Those on which a binlog server is wanted, and the one that leads, once there is something to lead; to that one all others. */
  private others(): MembershipEntry[] {
    const { memberName, membership, binlog } = this.options;
    const leader = binlog.syncer() || binlog.start() ? binlog.leader() : null;
    const wanted = binlog.servers().filter(({ value }) => value.isWanted);
    return membership.members.filter(
      ({ name, id }) =>
        name !== memberName &&
        id !== null &&
        (name === leader ||
          memberName === leader ||
          wanted.some(({ value }) => value.member === null || value.member === name)),
    );
  }

  /** Never rejects. */
  private ask(member: MembershipEntry): Promise<void> {
    const { name } = member;
    const under = this.asking.get(name);
    if (under) return under;
    const asked = this.look(member).finally(() => this.asking.delete(name));
    this.asking.set(name, asked);
    return asked;
  }

  private async look(member: MembershipEntry): Promise<void> {
    const { name } = member;
    const before = this.heard.get(name) ?? {
      name,
      report: null,
      currentProblem: null,
      at: performance.now(),
    };
    this.heard.set(name, before);
    let after: HeardMember;
    try {
      const answer = memberReport.safeParse(await this.options.calls.report(member));
      if (!answer.success)
        throw new QuorateError('UNREACHABLE', 'it says what this version does not understand');
      after = { name, report: answer.data, currentProblem: null, at: performance.now() };
    } catch (error) {
      const counts = performance.now() - before.at < REMEMBERED_MS;
      after = { ...before, report: counts ? before.report : null, currentProblem: errorMessage(error) };
    }
    if (!this.heard.has(name)) return;
    this.heard.set(name, after);
    if (before.currentProblem !== after.currentProblem) this.emit(before.report, after.report, true);
    else this.emit(before.report, after.report);
  }

  private emit(before: MemberReport | null, after: MemberReport | null, isAll = false): void {
    const [old, now] = [byName(before), byName(after)];
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      if (!isAll && JSON.stringify(old.get(name)) === JSON.stringify(now.get(name))) continue;
      for (const listener of this.listeners) listener(name);
    }
  }
}

function byName(report: MemberReport | null): Map<string, ServerReport> {
  return new Map((report?.servers ?? []).map((server) => [server.name, server]));
}
