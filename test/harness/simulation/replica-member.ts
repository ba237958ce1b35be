import { delay } from '../../../src/common/async.js';
import { MembershipView } from '../../../src/cluster/membership/membership-view.js';
import { membershipCollections } from '../../../src/cluster/membership/records.js';
import { Proposals } from '../../../src/cluster/proposals.js';
import { collections, LEADER_KEY } from '../../../src/cluster/records.js';
import { StateView } from '../../../src/cluster/view.js';
import { campaign, type Coordinator, type Leadership } from '../../../src/coordinator/index.js';
import { BinlogView, binlogCollections } from '../../../src/binlog/control/binlog-view.js';
import { JournalPurges } from '../../../src/binlog/control/journal-purges.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import type { JournalTerm } from '../../../src/binlog/replication/journal-term.js';
import type { PeerNetwork } from '../../../src/binlog/replication/peer/channel.js';
import { JournalReplica } from '../../../src/binlog/replication/replica.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { Breakage } from './breakages/breakage.js';
import type { Observer } from './observer.js';
import type { Surroundings } from './simulated-machine.js';
import type { SimulatedNetwork } from './simulated-network.js';
import { openJournal } from './simulated-journal.js';
import { runSlave } from './simulated-slave.js';
import type { SimulatedSource } from './simulated-source.js';

const log = createLogger('silent');
const TTL_MS = 2_000;

/** What a member's process is given besides its machine. */
export interface MemberParts {
  readonly name: string;
  /** In the membership: of the data that it has. */
  readonly id: string;
  readonly segmentBytes: number;
  readonly network: SimulatedNetwork;
  readonly source: SimulatedSource;
  readonly observer: Observer;
  readonly breakage: Breakage;
}

/** A process of one member: its copy of the journal, its candidacy, and a slave that reads from it. */
export class ReplicaMember {
  private purges: JournalPurges | null = null;
  private journal: Journal | null = null;
  private leadership: Leadership | null = null;
  private term: JournalTerm | null = null;

  constructor(
    private readonly at: Surroundings,
    private readonly parts: MemberParts,
  ) {}

  get holdsTerm(): boolean {
    return this.term !== null && !this.term.signal.aborted;
  }

  /** Lets another one lead. */
  resign(): void {
    void this.leadership?.resign();
  }

  /** Removes all but so many bytes, as the one that leads. */
  purge(keepBytes: number): void {
    const { purges, journal } = this;
    if (!purges || !journal || !this.holdsTerm) return;
    purges
      .purge(journal, { retention: { keepBytes }, force: true, dryRun: false }, 'operator')
      .catch((error: unknown) => this.parts.observer.failed(error));
  }

  /** Lasts as long as the process. */
  async run(): Promise<void> {
    const { observer } = this.parts;
    for (;;) {
      try {
        return await this.start();
      } catch (error) {
        observer.failed(error);
        await delay(200);
      }
    }
  }

  private async start(): Promise<void> {
    const { process } = this.at;
    const { name, id, segmentBytes, observer, breakage } = this.parts;
    const disk = breakage.disk(this.at.disk);
    await this.at.coordinator.start();
    const journal = breakage.journal(await openJournal(name, disk, segmentBytes, observer));
    const coordinator = breakage.coordinator(this.at.coordinator, journal);
    const kinds = { ...collections, ...membershipCollections, ...binlogCollections };
    const view = new StateView(coordinator, Object.values(kinds), log);
    await startView(view, observer);
    this.journal = journal;
    const binlog = new BinlogView(view, name);
    this.purges = new JournalPurges(binlog, new Proposals(coordinator, view, name), () => null);
    const joined = this.parts.network.join(name, process);
    const network: PeerNetwork = { connect: (member, signal) => joined.connect(member, signal) };
    const membership = new MembershipView(view);
    const replica = new JournalReplica({
      journal,
      coordinator,
      membership,
      network,
      self: { name, id },
      catchUpLimit: { bytesPerSecond: 50_000, farBytes: 2_000 },
      log,
    });
    joined.listen((channel) => replica.answer(channel));
    replica.start();
    journal.onCommit((offset) => observer.learned(process.name, journal, offset));
    void runSlave(process.name, journal, observer);
    await this.stand(coordinator, membership, replica);
  }

  /** For the leadership, again and again, as long as it votes. */
  private async stand(
    coordinator: Coordinator,
    membership: MembershipView,
    replica: JournalReplica,
  ): Promise<void> {
    const { name, id, observer, breakage } = this.parts;
    const value = collections.leadership.encode({ member: name, incarnation: this.at.process.name });
    for (;;) {
      try {
        while (!membership.voterIds().includes(id)) await delay(100);
        const session = await coordinator.openSession(TTL_MS);
        const held = await campaign(coordinator, LEADER_KEY, value, session);
        this.leadership = held;
        await this.lead(replica, membership, breakage.leadership(held));
        this.leadership = null;
        await session.close();
      } catch (error) {
        observer.failed(error);
      }
      await delay(50);
    }
  }

  private async lead(
    replica: JournalReplica,
    membership: MembershipView,
    leadership: Leadership,
  ): Promise<void> {
    const { observer, source } = this.parts;
    while (leadership.isHeld()) {
      try {
        await membership.view.waitFor(leadership.epoch, leadership.signal);
        await replica.lead(leadership, async (term) => {
          this.term = term;
          await this.purges!.followStart(this.journal!);
          await source.run(term, this.journal!, this.at.random, term.signal);
        });
      } catch (error) {
        observer.failed(error);
      } finally {
        this.term = null;
      }
      if (leadership.isHeld()) await delay(50);
    }
  }
}

async function startView(view: StateView, observer: Observer): Promise<void> {
  for (;;) {
    try {
      return await view.start();
    } catch (error) {
      observer.failed(error);
      await delay(100);
    }
  }
}
