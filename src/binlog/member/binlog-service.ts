import { errorMessage, QuorateError } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import type { Stored } from '../../cluster/collection.js';
import type { JournalCopies } from '../../cluster/membership/health.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { MembershipEntry } from '../../cluster/membership/records.js';
import type { Finding } from '../../cluster/problems/finding.js';
import type { Claim, Proposed } from '../../cluster/proposals.js';
import type { StateView } from '../../cluster/view.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { AnyMetricSource } from '../../telemetry/metrics.js';
import type { NamedServer, StartBinlogServer } from '../control/binlog-server-changes.js';
import type { BinlogView } from '../control/binlog-view.js';
import type { Purged, PurgeRequest } from '../control/journal-purges.js';
import type { Restarted, RestartRequest } from '../control/journal-restarts.js';
import type { BinlogServerRecord } from '../control/server-record.js';
import type { Skipped, SkipRequest } from '../control/skipped-transactions.js';
import type { StartSyncer, SwitchSource } from '../control/syncer-changes.js';
import type { Journal } from '../journal/journal.js';
import { binlogMetrics } from '../metrics/binlog-metrics.js';
import type { PeerChannel } from '../replication/peer/channel.js';
import { binlogFindings } from './binlog-findings.js';
import { buildBinlogParts, type BinlogParts, type BinlogServiceOptions } from './binlog-parts.js';
import { copiesOf } from './copies.js';
import type { Copy } from './copy-watch.js';
import { TERM_WAIT_MS, waitUntil } from './journal-in-term.js';
import { reportOf, type MemberReport } from './member-report.js';
import type { AttachedSlave, ServerCondition } from './servers-everywhere.js';
import { ownSyncer, syncerOutlook } from './syncer-outlook.js';
import type { SyncerOutlook } from './syncer-report.js';

const MEASURE_MS = 1_000;
const LISTEN_WAIT_MS = 2_000;

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

/** The binlog store's part of one member: what the rest of the member may ask of it, and tell it to do. */
export class BinlogService {
  /** The stored state of the binlog store at the coordinator. */
  readonly view: BinlogView;
  /** The copies of the journal, as far as this member knows them. */
  readonly journalCopies: JournalCopies;
  private readonly parts: BinlogParts;
  private readonly memberName: string;
  private readonly membership: MembershipView;
  private readonly stateView: StateView;
  private readonly log: Logger;
  private readonly listeners = new Set<() => void>();
  private measuring: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => undefined;

  constructor(options: BinlogServiceOptions) {
    this.parts = buildBinlogParts(options);
    this.view = this.parts.view;
    this.journalCopies = copiesOf(this.view, this.parts.replicas);
    this.memberName = options.self.name;
    this.membership = options.membership;
    this.stateView = options.view;
    this.log = options.log;
  }

  start(): void {
    const { store, replicas, runners, watch, status, copies } = this.parts;
    store.start();
    replicas.start();
    runners.start();
    watch.start();
    const ends = [
      status.onChange(() => this.emit()),
      store.onChange(() => this.follow(ends)),
      this.stateView.subscribe(() => this.followStart()),
    ];
    this.unsubscribe = () => ends.forEach((end) => end());
    this.measuring = setInterval(() => {
      status.measure();
      copies.look();
      this.emit();
    }, MEASURE_MS);
  }

  async stop(): Promise<void> {
    const { store, replicas, runners, watch } = this.parts;
    clearInterval(this.measuring);
    this.unsubscribe();
    await watch.stop();
    await runners.stop();
    await replicas.stop();
    await store.stop();
  }

  /** The leader's duty; ends with leadership. */
  run(leadership: Leadership): Promise<void> {
    return this.parts.duty.run(leadership);
  }

  /** Whether this member could do a leader's work, as far as it knows. */
  get canLead(): boolean {
    return this.parts.store.currentProblem === null && !this.parts.duty.hasSteppedDown;
  }

  /** Whether this member appends to the journal. */
  get holdsTerm(): boolean {
    return this.parts.duty.holdsTerm;
  }

  /** This member's journal; null while it is not open. */
  get journal(): Journal | null {
    return this.parts.store.journal;
  }

  /** @throws QuorateError with the reason, while the journal of this member is not open */
  openJournal(): Journal {
    const { journal, problem } = this.parts.store;
    if (journal) return journal;
    throw new QuorateError('JOURNAL', `The journal is not open: ${problem ?? 'it is being opened'}.`);
  }

  /** The syncer as it is; seen from another member than its own, as that one has said last. */
  syncer(): SyncerOutlook {
    return syncerOutlook(this.parts, this.memberName);
  }

  /** The state of a binlog server that is wanted: the worst that it has at any member. */
  serverState(record: Stored<BinlogServerRecord>): ServerCondition {
    return this.parts.everywhere.stateOf(record);
  }

  /** The slaves of a binlog server, at any member. */
  slavesOf(record: Stored<BinlogServerRecord>): AttachedSlave[] {
    return this.parts.everywhere.slavesOf(record);
  }

  /** The slaves of all binlog servers, at any member. */
  slaves(): AttachedSlave[] {
    return this.view.servers().flatMap((record) => this.slavesOf(record));
  }

  /** How far a member's copy of the journal is. */
  copyOf(member: MembershipEntry): Copy {
    return this.parts.copies.copyOf(member);
  }

  /** Called when the syncer's state, its traffic or the journal may have changed; answers how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called with a binlog server's name when its state or its slaves have changed; answers how to end that. */
  onServerChange(listener: (server: string) => void): () => void {
    return this.parts.everywhere.onChange(listener);
  }

  /** Problems of the binlog store, as far as this member sees them. */
  findings(): Finding[] {
    return binlogFindings({ ...this.parts, fullDisks: () => this.fullDisks() });
  }

  metrics(): AnyMetricSource[] {
    return binlogMetrics(this.parts, this.membership, this.memberName);
  }

  /** Answers another member that follows the journal. Never rejects. */
  answerPeer(channel: PeerChannel): Promise<void> {
    return this.parts.replicas.answer(channel);
  }

  /** The report of this member to the others: its binlog servers, its syncer and the copies of the journal. */
  report(): MemberReport {
    const { runners, copies, store } = this.parts;
    const fullDisk = store.journal?.fullDisk.problem ?? null;
    return reportOf(runners, ownSyncer(this.parts, this.memberName), copies.ownOffsets(), fullDisk);
  }

  /** Ends a slave's connection to this member. Returns false when there is none. */
  disconnectHere(server: string, connectionId: number): boolean {
    return this.parts.runners.get(server)?.disconnect(connectionId) ?? false;
  }

  startSyncer(input: StartSyncer, actor: string, claim?: Claim): Promise<Proposed | null> {
    return this.parts.syncerChanges.start(input, actor, claim);
  }

  stopSyncer(input: { readonly forget: boolean }, actor: string): Promise<Proposed | null> {
    return this.parts.syncerChanges.stop(input, actor);
  }

  switchSource(input: SwitchSource, actor: string): Promise<Proposed | null> {
    return this.parts.syncerChanges.switchSource(input, actor);
  }

  skipTransaction(request: SkipRequest, actor: string): Promise<Skipped> {
    return this.parts.skipped.skip(request, actor);
  }

  /** Answers when it listens wherever it is to, cannot, or takes its time. */
  async startServer(input: StartBinlogServer, actor: string, claim?: Claim): Promise<Proposed | null> {
    const proposed = await this.parts.serverChanges.start(input, actor, claim);
    const isClear = (): boolean => {
      const record = this.view.server(input.name);
      return !record?.value.isWanted || this.serverState(record).state !== 'STARTING';
    };
    await waitUntil(LISTEN_WAIT_MS, isClear);
    return proposed;
  }

  stopServer(input: NamedServer, actor: string): Promise<Proposed | null> {
    return this.parts.serverChanges.stop(input, actor);
  }

  removeServer(input: NamedServer, actor: string): Promise<Proposed | null> {
    return this.parts.serverChanges.remove(input, actor);
  }

  /** Ends a slave's connection to a binlog server, at any member. */
  async disconnectSlave(
    { binlogServer: server, connectionId, member = null }: DisconnectSlave,
    actor: string,
  ): Promise<{ readonly proposed: Proposed | null; readonly slave: AttachedSlave | null }> {
    const record = this.view.server(server);
    if (!record) refuse('NOT_FOUND', 'binlogServer', `There is no binlog server ${server}.`);
    const slave = await this.parts.everywhere.disconnect(record, connectionId, member);
    return { proposed: await this.parts.serverChanges.noteDisconnected(server, connectionId, actor), slave };
  }

  async purgeJournal(request: PurgeRequest, actor: string): Promise<Purged> {
    return this.parts.purges.purge(await this.parts.journalInTerm(), request, actor);
  }

  /** Puts an empty journal in the present one's place; answers when it can be appended to, or that takes its time. */
  async restartJournal(request: RestartRequest, actor: string): Promise<RestartedSlaves> {
    const { replicas, restarts, syncerChanges } = this.parts;
    const quietly = <T>(work: () => Promise<T>): Promise<T> =>
      replicas.current?.heldTerm?.withoutCommits(work) ?? work();
    const slaves = this.slaves();
    const { proposed, plan } = await restarts.restart(request, actor, syncerChanges, quietly);
    const isDone = (): boolean =>
      this.holdsTerm && this.journal?.incarnation === this.view.start()?.value.incarnation;
    if (proposed !== null) await waitUntil(TERM_WAIT_MS, isDone);
    const lost = slaves.filter(({ info }) => info.lagBytes > 0 || !plan.canGoOn);
    return { proposed, plan, slaves, lost };
  }

  /** By member's name, why nothing can be written there; as far as this member knows. */
  private fullDisks(): Map<string, string> {
    const { watch } = this.parts;
    const disks = this.membership.members.map(({ name }): [string, string | null] => {
      if (name === this.memberName) return [name, this.journal?.fullDisk.problem ?? null];
      const heard = watch.of(name);
      return [name, heard?.currentProblem === null ? (heard.report?.fullDisk ?? null) : null];
    });
    return new Map(disks.filter((each): each is [string, string] => each[1] !== null));
  }

  /** What the leader has purged goes here too. */
  private followStart(): void {
    const { journal } = this;
    const start = this.view.start()?.value.offset ?? 0;
    if (!journal || this.holdsTerm || journal.flavour === null || journal.startOffset >= start) return;
    this.parts.purges.followStart(journal).catch((error: unknown) => {
      const reason = errorMessage(error);
      this.log.warn({ reason }, 'Segments that the cluster has purged could not be removed here');
    });
  }

  /** The journal was opened, or could not be. */
  private follow(ends: (() => void)[]): void {
    const { journal } = this;
    if (journal) ends.push(journal.onCommit(() => this.emit()));
    this.emit();
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}
