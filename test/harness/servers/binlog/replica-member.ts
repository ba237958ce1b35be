import { binlogCollections } from '../../../../src/binlog/control/binlog-view.js';
import { Journal } from '../../../../src/binlog/journal/journal.js';
import type { JournalTerm } from '../../../../src/binlog/replication/journal-term.js';
import type { CatchUpLimit } from '../../../../src/binlog/replication/catch-up.js';
import { TcpPeers } from '../../../../src/binlog/replication/peer/tcp-peers.js';
import { JournalReplica } from '../../../../src/binlog/replication/replica.js';
import { MembershipView } from '../../../../src/cluster/membership/membership-view.js';
import { membershipCollections } from '../../../../src/cluster/membership/records.js';
import { collections, LEADER_KEY } from '../../../../src/cluster/records.js';
import { StateView } from '../../../../src/cluster/view.js';
import type { HostPort } from '../../../../src/common/address.js';
import { campaign, type Leadership } from '../../../../src/coordinator/leadership.js';
import type { Coordinator, Session } from '../../../../src/coordinator/types.js';
import { createLogger, type LogLevel } from '../../../../src/telemetry/logger.js';

const log = createLogger((process.env['QUORATE_TEST_LOG'] ?? 'silent') as LogLevel);
const KEY = Buffer.alloc(32, 7);
const SESSION_MS = 5_000;

/** What a member of a test's cluster is made of. */
export interface ReplicaMemberOptions {
  readonly coordinator: Coordinator;
  readonly name: string;
  readonly directory: string;
  readonly segmentBytes: number;
  readonly addresses: Map<string, HostPort>;
  readonly catchUpLimit: CatchUpLimit;
}

/** A member's copy of the journal, in this process, over real sockets and files. */
export class ReplicaMember {
  private session: Session | null = null;
  private leading: { leadership: Leadership; done: Promise<void> } | null = null;

  private constructor(
    readonly name: string,
    readonly journal: Journal,
    readonly replica: JournalReplica,
    private readonly options: ReplicaMemberOptions,
    private readonly view: StateView,
    private readonly peers: TcpPeers,
  ) {}

  static async start(options: ReplicaMemberOptions): Promise<ReplicaMember> {
    const { coordinator, name, directory, segmentBytes, addresses, catchUpLimit } = options;
    const kinds = { ...collections, ...membershipCollections, ...binlogCollections };
    const view = new StateView(coordinator, Object.values(kinds), log);
    await view.start();
    const journal = await Journal.open({ directory, segmentBytes, log });
    const peers = new TcpPeers({
      listen: { host: '127.0.0.1', port: 0 },
      identity: { cluster: 'test', member: name, id: name },
      key: KEY,
      tls: null,
      addressesOf: (member) => [addresses.get(member) ?? { host: '127.0.0.1', port: 1 }],
      log,
    });
    const membership = new MembershipView(view);
    const replica = new JournalReplica({
      ...{ journal, coordinator, membership, network: peers, catchUpLimit, log },
      self: { name, id: name },
    });
    await peers.start((channel) => replica.answer(channel));
    addresses.set(name, peers.address);
    replica.start();
    return new ReplicaMember(name, journal, replica, options, view, peers);
  }

  /** Campaigns, and holds the journal's term until `yield`. */
  async lead(): Promise<JournalTerm> {
    const { coordinator, name } = this.options;
    this.session = await coordinator.openSession(SESSION_MS);
    const value = collections.leadership.encode({ member: name, incarnation: name });
    const leadership = await campaign(coordinator, LEADER_KEY, value, this.session);
    return new Promise((resolve, reject) => {
      const done = this.replica.lead(leadership, async (term) => {
        resolve(term);
        await new Promise<void>((end) => {
          if (term.signal.aborted) end();
          term.signal.addEventListener('abort', () => end(), { once: true });
        });
      });
      this.leading = { leadership, done: done.catch(reject) };
    });
  }

  /** Nothing listens there any more, as when the process has ended; what it holds at the coordinator is left. */
  async vanish(): Promise<void> {
    await this.peers.stop();
  }

  async yield(): Promise<void> {
    await this.leading?.leadership.resign();
    await this.leading?.done;
    this.leading = null;
    await this.session?.close();
  }

  async stop(): Promise<void> {
    await this.yield();
    await this.replica.stop();
    await this.peers.stop();
    await this.journal.close();
    await this.view.stop();
  }
}
