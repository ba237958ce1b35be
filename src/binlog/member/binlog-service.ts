import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import type { SecretBox } from '../../common/secret-box.js';
import { otherVoterRuns } from '../../cluster/membership/health.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import type { StateView } from '../../cluster/view.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { BinlogServers, type StartBinlogServer } from '../control/binlog-servers.js';
import { BinlogView } from '../control/binlog-view.js';
import { JournalPurges } from '../control/journal-purges.js';
import { JournalRestarts, type Restarted, type RestartRequest } from '../control/journal-restarts.js';
import { SkippedTransactions } from '../control/skipped-transactions.js';
import { SyncerChanges } from '../control/syncer-changes.js';
import type { Journal } from '../journal/journal.js';
import type { CatchUpLimit } from '../replication/catch-up.js';
import type { PeerChannel, PeerNetwork } from '../replication/peer/channel.js';
import { SyncerStatus } from '../syncer/syncer-status.js';
import { CopyWatch } from './copy-watch.js';
import { JournalStore } from './journal-store.js';
import { LeaderDuty } from './leader-duty.js';
import { MemberWatch, type MemberCalls } from './member-watch.js';
import { retentionsOf, type RetentionLimits } from './retention.js';
import { ReplicaHost } from './replica-host.js';
import { ServerRunners } from './server-runners.js';
import { ServersEverywhere, type AttachedSlave } from './servers-everywhere.js';
import {
  ownSyncerReport,
  unknownSyncer,
  type SyncerCondition,
  type SyncerOutlook,
  type SyncerReport,
} from './syncer-report.js';

const MEASURE_MS = 1_000;
/** A leader that has just been elected may still be beginning its term of the journal. */
const OFFICE_WAIT_MS = 5_000;
const LISTEN_WAIT_MS = 2_000;
const LOOK_MS = 20;

export interface BinlogServiceOptions extends RetentionLimits {
  readonly coordinator: Coordinator;
  readonly view: StateView;
  readonly proposals: Proposals;
  readonly secrets: SecretBox;
  readonly membership: MembershipView;
  readonly network: PeerNetwork;
  /** How other members are asked about their binlog servers. */
  readonly calls: MemberCalls;
  readonly self: { readonly name: string; readonly id: string };
  /** Of the journal's files. */
  readonly directory: string;
  /** Of the certificates that this member makes for its binlog servers. */
  readonly tlsDirectory: string;
  readonly segmentBytes: number;
  readonly catchUpLimit: CatchUpLimit;
  /** How long a leader that cannot commit stays one while another member could lead, in milliseconds. */
  readonly stepDownMs: number;
  readonly log: Logger;
}

export interface DisconnectSlave {
  readonly binlogServer: string;
  readonly connectionId: number;
  /** Where it is attached; null: wherever it is found. */
  readonly member?: string | null | undefined;
}

/** What became of a restart, or would, with the slaves that are attached. */
export interface RestartedSlaves extends Restarted {
  readonly slaves: readonly AttachedSlave[];
  /** Those of them that cannot go on from the new journal. */
  readonly lost: readonly AttachedSlave[];
}

/** Everything of the binlog half in one member. */
export class BinlogService {
  readonly binlog: BinlogView;
  readonly store: JournalStore;
  readonly replicas: ReplicaHost;
  readonly servers: BinlogServers;
  readonly syncerChanges: SyncerChanges;
  readonly purges: JournalPurges;
  readonly restarts: JournalRestarts;
  readonly skipped: SkippedTransactions;
  readonly runners: ServerRunners;
  readonly everywhere: ServersEverywhere;
  readonly status = new SyncerStatus();
  readonly duty: LeaderDuty;
  readonly copies: CopyWatch;
  private readonly watch: MemberWatch;
  private readonly listeners = new Set<() => void>();
  private measuring: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly options: BinlogServiceOptions) {
    const { view, proposals, secrets } = options;
    const memberName = options.self.name;
    const { status } = this;
    const binlog = new BinlogView(view, memberName);
    const store = new JournalStore({ ...options, isElsewhere: () => this.isElsewhere() });
    this.runners = new ServerRunners({ ...options, binlog, store, memberName });
    const { runners } = this;
    this.watch = new MemberWatch({ ...options, binlog, memberName });
    this.everywhere = new ServersEverywhere({ ...options, runners, watch: this.watch, memberName });
    this.purges = new JournalPurges(binlog, proposals, () => this.everywhere.neededBy());
    this.servers = new BinlogServers(binlog, proposals, secrets);
    const voters = (): readonly string[] => options.membership.voterIds();
    this.restarts = new JournalRestarts(binlog, proposals, () => store.journal, voters);
    const journalInTerm = (): Promise<Journal> => this.journalInTerm();
    this.skipped = new SkippedTransactions(binlog, proposals, journalInTerm);
    this.syncerChanges = new SyncerChanges(binlog, proposals, secrets, journalInTerm, this.restarts);
    const retention = () => retentionsOf(options);
    this.replicas = new ReplicaHost(store, options);
    const { purges, replicas } = this;
    const othersRun = () => otherVoterRuns(options.membership, memberName);
    this.duty = new LeaderDuty({
      ...{ ...options, binlog, store, replicas, purges },
      ...{ status, retention, othersRun },
    });
    this.copies = new CopyWatch({ ...options, memberName, binlog, store, replicas, watch: this.watch });
    this.binlog = binlog;
    this.store = store;
  }

  start(): void {
    this.store.start();
    this.replicas.start();
    this.runners.start();
    this.watch.start();
    const ends = [
      this.status.onChange(() => this.emit()),
      this.store.onChange(() => this.follow(ends)),
      this.options.view.subscribe(() => this.followStart()),
    ];
    this.unsubscribe = () => ends.forEach((end) => end());
    this.measuring = setInterval(() => {
      this.status.measure();
      this.copies.look();
      this.emit();
    }, MEASURE_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.measuring);
    this.unsubscribe();
    await this.watch.stop();
    await this.runners.stop();
    await this.replicas.stop();
    await this.store.stop();
  }

  /** Whether this member could do a leader's work, as far as it knows. */
  get canLead(): boolean {
    return this.store.currentProblem === null && !this.duty.hasSteppedDown;
  }

  /** Answers another member. Never rejects. */
  answerPeer(channel: PeerChannel): Promise<void> {
    return this.replicas.answer(channel);
  }

  /** The leader's duty; ends with leadership. */
  run(leadership: Leadership): Promise<void> {
    return this.duty.run(leadership);
  }

  /** Answers when it listens wherever it is to, cannot, or takes its time. */
  async startServer(input: StartBinlogServer, actor: string): Promise<Proposed | null> {
    const proposed = await this.servers.start(input, actor);
    const isClear = (): boolean => {
      const record = this.binlog.server(input.name);
      return !record?.value.isWanted || this.everywhere.stateOf(record).state !== 'STARTING';
    };
    await until(LISTEN_WAIT_MS, isClear);
    return proposed;
  }

  /** Of a binlog server on any member. */
  async disconnectSlave(
    { binlogServer: server, connectionId, member = null }: DisconnectSlave,
    actor: string,
  ): Promise<{ readonly proposed: Proposed | null; readonly slave: AttachedSlave | null }> {
    const record = this.binlog.server(server);
    if (!record) refuse('NOT_FOUND', 'binlogServer', `There is no binlog server ${server}.`);
    const slave = await this.everywhere.disconnect(record, connectionId, member);
    return { proposed: await this.servers.noteDisconnected(server, connectionId, actor), slave };
  }

  /** The syncer as it is; seen from another member than its own, as that one has said last. */
  syncer(): SyncerOutlook {
    const own = this.ownSyncer();
    if (own) return own;
    const leader = this.binlog.leader();
    const heard = leader === null ? undefined : this.watch.of(leader);
    if (heard?.report?.syncer && heard.currentProblem === null) return heard.report.syncer;
    const reason =
      leader === null
        ? 'No member leads, on which it could run.'
        : `Member ${leader}, which leads, does not say how it is.`;
    return unknownSyncer({ state: 'CONNECTING', reason }, this.status.flavour);
  }

  /** By member's name, why nothing can be written there; as far as this member knows. */
  fullDisks(): Map<string, string> {
    const { membership, self } = this.options;
    const disks = membership.members.map(({ name }): [string, string | null] => {
      if (name === self.name) return [name, this.store.journal?.fullDisk.problem ?? null];
      const heard = this.watch.of(name);
      return [name, heard?.currentProblem === null ? (heard.report?.fullDisk ?? null) : null];
    });
    return new Map(disks.filter((each): each is [string, string] => each[1] !== null));
  }

  /** Null when it is to run, on another member. */
  ownSyncer(): SyncerReport | null {
    const leads = this.binlog.leader() === this.options.self.name;
    const isWanted = this.binlog.syncer()?.value.isWanted === true;
    return leads || !isWanted ? ownSyncerReport(this.status, this.ownSyncerState(isWanted)) : null;
  }

  private ownSyncerState(isWanted: boolean): SyncerCondition {
    const { status, store, duty } = this;
    if (!isWanted) return { state: 'STOPPED', reason: store.problem };
    if (store.problem !== null) return { state: 'FAILED', reason: store.problem };
    if (duty.problem !== null) {
      return { state: duty.problem.isUnfit ? 'FAILED' : 'RETRYING', reason: duty.problem.message };
    }
    return { state: status.state === 'STOPPED' ? 'CONNECTING' : status.state, reason: status.reason };
  }

  /** Called when the syncer's state, its traffic or the journal may have changed; answers how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Puts an empty journal in the present one's place; answers when it can be appended to, or that takes its time. */
  async restartJournal(request: RestartRequest, actor: string): Promise<RestartedSlaves> {
    const quietly = <T>(work: () => Promise<T>): Promise<T> =>
      this.replicas.current?.heldTerm?.withoutCommits(work) ?? work();
    const slaves = this.attachedSlaves();
    const { proposed, plan } = await this.restarts.restart(request, actor, this.syncerChanges, quietly);
    const isDone = (): boolean => {
      const { journal } = this.store;
      return this.duty.isInOffice && journal?.incarnation === this.binlog.start()?.value.incarnation;
    };
    if (proposed !== null) await until(OFFICE_WAIT_MS, isDone);
    const lost = slaves.filter(({ info }) => info.lagBytes > 0 || !plan.canGoOn);
    return { proposed, plan, slaves, lost };
  }

  private attachedSlaves(): AttachedSlave[] {
    return this.binlog.servers().flatMap((record) => this.everywhere.slavesOf(record));
  }

  /** The journal of the leader, all that it has committed being known; refuses while it is not to be had. */
  async journalInTerm(): Promise<Journal> {
    const { duty, store } = this;
    const isClear = () => duty.isInOffice || duty.problem !== null || store.problem !== null;
    await until(OFFICE_WAIT_MS, isClear);
    if (duty.isInOffice && store.journal !== null) return store.journal;
    const reason = store.problem ?? duty.problem?.message ?? 'it is still being opened; try again soon';
    return refuse(
      'UNHEALTHY',
      null,
      `The journal of member ${this.options.self.name} cannot be used: ${reason}`,
    );
  }

  /** Whether another member had the journal when it was committed last. */
  private isElsewhere(): boolean {
    const { membership, self } = this.options;
    const holders = this.binlog.commit()?.holders ?? [];
    return holders.some((id) => id !== self.id && membership.byId(id) !== undefined);
  }

  /** What the leader has purged goes here too. */
  private followStart(): void {
    const { journal } = this.store;
    const start = this.binlog.start()?.value.offset ?? 0;
    if (!journal || this.duty.isInOffice || journal.flavour === null || journal.startOffset >= start) return;
    this.purges.followStart(journal).catch((error: unknown) => {
      const reason = errorMessage(error);
      this.options.log.warn({ reason }, 'Segments that the cluster has purged could not be removed here');
    });
  }

  /** The journal was opened, or could not be. */
  private follow(ends: (() => void)[]): void {
    const { journal } = this.store;
    if (journal) ends.push(journal.onCommit(() => this.emit()));
    this.emit();
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Until it holds, but not for longer than that. */
async function until(timeoutMs: number, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds() && performance.now() < deadline) await delay(LOOK_MS);
}
