import type {
  Action,
  BinlogServer,
  Cluster,
  Group,
  Journal,
  Member,
  MigrationLimits,
  Operation,
  Proxy,
  QuorateClient,
  Slave,
  Slot,
  Syncer,
  ThroughputSample,
} from '../../../sdk/browser.js';
import { Topics, type Topic } from './topics.js';

/** The newest actions that are kept in the page. */
const KEPT_ACTIONS = 1_000;
const FIRST_ACTIONS = 200;
const KEPT_SAMPLES = 450;
const MAX_PAGE = 500;

/** The cluster as the page knows it: followed by subscriptions, never polled. */
export class Live {
  cluster: Cluster | null = null;
  syncer: Syncer | null = null;
  journal: Journal | null = null;
  limits: MigrationLimits | null = null;
  slaves: readonly Slave[] = [];
  readonly members = new Map<string, Member>();
  readonly binlogServers = new Map<string, BinlogServer>();
  readonly groups = new Map<number, Group>();
  readonly proxies = new Map<string, Proxy>();
  readonly operations = new Map<string, Operation>();
  /** By number; empty before initSlots. */
  readonly slots: Slot[] = [];
  /** The newest first. */
  readonly actions: Action[] = [];
  /** The oldest first. */
  readonly throughput: ThroughputSample[] = [];
  readonly topics = new Topics();
  private readonly ending = new AbortController();
  private confirming = false;

  constructor(
    private readonly client: QuorateClient,
    /** A subscription has ended for good, because of this. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    const { client } = this;
    const options = { signal: this.ending.signal };
    this.follow('cluster', client.watchCluster({}, options), (cluster) => (this.cluster = cluster));
    this.follow('syncer', client.watchSyncer({}, options), (syncer) => (this.syncer = syncer));
    this.follow('journal', client.watchJournal({}, options), (journal) => (this.journal = journal));
    this.follow('slaves', client.watchSlaves({}, options), (slaves) => (this.slaves = slaves));
    this.follow('members', client.watchMembers({}, options), (member) => this.takeMember(member));
    this.follow('binlogServers', client.watchBinlogServers({}, options), (server) =>
      this.binlogServers.set(server.name, server),
    );
    this.follow('groups', client.watchGroups({}, options), (group) => this.groups.set(group.number, group));
    this.follow('proxies', client.watchProxies({}, options), (proxy) => {
      this.proxies.set(proxy.name, proxy);
      this.confirmLater();
    });
    this.follow('operations', client.watchOperations({}, options), (operation) =>
      this.operations.set(operation.id, operation),
    );
    this.follow('slots', client.watchSlots({}, options), (slots) => {
      for (const slot of slots) this.slots[slot.number] = slot;
    });
    this.follow('throughput', client.watchThroughput({}, options), (samples) => this.takeSamples(samples));
    this.run(this.followActions());
    this.refresh();
  }

  stop(): void {
    this.ending.abort();
    this.topics.stop();
  }

  /** What subscriptions do not tell: what is gone, long work that had ended before, and settings. */
  refresh(): void {
    const { client } = this;
    this.run(this.forget('members', this.members, client.members(), ({ name }) => name));
    this.run(this.forget('groups', this.groups, client.groups(), ({ number }) => number));
    this.run(this.forget('proxies', this.proxies, client.proxies(), ({ name }) => name));
    this.run(this.forget('binlogServers', this.binlogServers, client.binlogServers(), ({ name }) => name));
    this.run(this.readOperations());
    this.run(this.readLimits());
  }

  private async readLimits(): Promise<void> {
    this.limits = await this.client.migrationLimits();
    this.topics.change('limits');
  }

  private async readOperations(): Promise<void> {
    const { nodes } = await this.client.operations({ first: 100 });
    for (const operation of nodes) {
      const known = this.operations.get(operation.id);
      if (!known || BigInt(known.revision) < BigInt(operation.revision))
        this.operations.set(operation.id, operation);
    }
    this.topics.change('operations');
  }

  private async forget<K, T>(
    topic: Topic,
    known: Map<K, T>,
    answer: Promise<readonly T[]>,
    keyOf: (object: T) => K,
  ): Promise<void> {
    // What a subscription tells while the answer is on its way may be newer than the answer.
    const before = [...known.keys()];
    const now = new Map((await answer).map((object) => [keyOf(object), object]));
    for (const key of before) if (!now.has(key)) known.delete(key);
    for (const [key, object] of now) if (!known.has(key)) known.set(key, object);
    this.topics.change(topic);
  }

  private follow<T>(topic: Topic, values: AsyncIterable<T>, take: (value: T) => unknown): void {
    const consume = async (): Promise<void> => {
      for await (const value of values) {
        take(value);
        this.topics.change(topic);
      }
    };
    this.run(consume());
  }

  /** Those before first, so that none is missed in between. */
  private async followActions(): Promise<void> {
    const { client } = this;
    const { nodes } = await client.actions({ last: FIRST_ACTIONS });
    nodes.forEach((action) => this.takeAction(action));
    const last = nodes.at(-1)?.revision;
    const { signal } = this.ending;
    for await (const action of client.watchActions({ ...(last && { afterRevision: last }) }, { signal })) {
      this.takeAction(action);
      this.reactTo(action);
    }
  }

  private takeAction(action: Action): void {
    this.actions.unshift(action);
    if (this.actions.length > KEPT_ACTIONS) this.actions.length = KEPT_ACTIONS;
    this.topics.change('actions');
    this.confirmLater();
  }

  /** Whether a proxy has confirmed the action meanwhile: its receipt commits with the revision that it has applied. */
  private isConfirmedSince({ revision, receivers }: Action): boolean {
    return receivers.some(({ proxy, confirmedAt }) => {
      const applied = this.proxies.get(proxy)?.appliedRevision;
      return confirmedAt === null && applied != null && BigInt(applied) >= BigInt(revision);
    });
  }

  /** Reads actions again that have been confirmed since they were told. Subscriptions tell each only once. */
  private confirmLater(): void {
    if (!this.confirming && this.actions.some((action) => this.isConfirmedSince(action)))
      this.run(this.readConfirmed());
  }

  private async readConfirmed(): Promise<void> {
    this.confirming = true;
    try {
      const oldest = this.actions.findLast((action) => this.isConfirmedSince(action));
      if (!oldest) return;
      const afterRevision = String(BigInt(oldest.revision) - 1n);
      const { nodes } = await this.client.actions({ afterRevision, first: MAX_PAGE });
      const read = new Map(nodes.map((action) => [action.id, action]));
      this.actions.forEach((action, index) => (this.actions[index] = read.get(action.id) ?? action));
      this.topics.change('actions');
    } finally {
      this.confirming = false;
    }
  }

  private reactTo({ type }: Action): void {
    const removes = ['GROUP_REMOVED', 'PROXY_CHANGED', 'BINLOG_SERVER_CHANGED', 'SETTINGS_CHANGED'];
    if (removes.includes(type)) this.refresh();
  }

  private takeMember(member: Member): void {
    if (member.state === 'REMOVED') this.members.delete(member.name);
    else this.members.set(member.name, member);
  }

  private takeSamples(samples: readonly ThroughputSample[]): void {
    const last = this.throughput.at(-1)?.at;
    // After a lost connection all that are kept come again.
    this.throughput.push(
      ...samples.filter(({ at }) => last === undefined || Date.parse(at) > Date.parse(last)),
    );
    this.throughput.splice(0, Math.max(0, this.throughput.length - KEPT_SAMPLES));
  }

  private run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.ending.signal.aborted) this.onFailure(error);
    });
  }
}
