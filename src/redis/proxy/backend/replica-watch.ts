import type { Redis } from 'ioredis';
import { createClient, parseInfo } from '../../server-client.js';
import type { Endpoint, Route } from '../../routing-table.js';

/** What a replica is known by takes effect within a second. */
const LOOK_MS = 400;
const ANSWER_MS = 800;

export interface ReplicaLimits {
  /** A replica that lacks more of its master's stream is not read from. */
  readonly maxReplicaLagBytes: number;
  /** Nor one whose link to its master is down for longer. */
  readonly maxReplicaLinkDownMs: number;
}

/** What a server said of its replication. */
interface Said {
  readonly isReplica: boolean;
  /** Whether it is taking a whole copy of its data, from its master or from disk, and answers LOADING now or soon. */
  readonly isLoading: boolean;
  /** The history of changes that it has. */
  readonly history: string;
  readonly offset: number;
  /** For how long its link to its master is down; 0 while it is up. */
  readonly linkDownMs: number;
}

interface Watched {
  readonly endpoint: Endpoint;
  readonly client: Redis;
  asking: boolean;
  said: Said | null;
}

/**
 * Knows which replicas may answer reads now: those that follow the master of their group, have nearly all of what it has,
 * and say so. It asks the servers themselves, so that it needs nobody else; a replica that it has not heard of is not read.
 */
export class ReplicaWatch {
  private readonly watched = new Map<string, Watched>();
  /** By replica, the master that it is to follow. */
  private owners = new Map<string, string>();
  private readonly good = new Set<string>();
  /** By master: what it said last, also when it does not answer any more. */
  private readonly histories = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;
  private running = false;

  constructor(
    private readonly limits: ReplicaLimits,
    private readonly mayOpen: () => boolean,
  ) {}

  isGood(address: string): boolean {
    return this.good.has(address);
  }

  start(): void {
    this.running = true;
    this.schedule();
  }

  stop(): void {
    this.running = false;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.watch(new Map(), new Map());
  }

  /** Watches the replicas of these routes, and their masters. */
  follow(routes: readonly Route[]): void {
    const owners = new Map<string, string>();
    const endpoints = new Map<string, Endpoint>();
    for (const { owner, readers } of new Set(routes)) {
      if (owner === null || readers.length === 0) continue;
      endpoints.set(owner.address, owner);
      for (const reader of readers) {
        endpoints.set(reader.address, reader);
        owners.set(reader.address, owner.address);
      }
    }
    this.watch(owners, endpoints);
    this.schedule();
  }

  /** Nothing is asked while no replica is read. */
  private schedule(): void {
    const isNeeded = this.running && this.owners.size > 0;
    if (isNeeded && this.timer === null) {
      this.timer = setInterval(() => this.look(), LOOK_MS);
      this.look();
    } else if (!isNeeded && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  private watch(owners: Map<string, string>, endpoints: ReadonlyMap<string, Endpoint>): void {
    for (const [reader, owner] of this.owners) if (owners.get(reader) !== owner) this.good.delete(reader);
    this.owners = owners;
    for (const [address, { endpoint, client }] of this.watched) {
      if (endpoints.get(address)?.password === endpoint.password && endpoints.has(address)) continue;
      client.disconnect();
      this.watched.delete(address);
      this.histories.delete(address);
    }
    for (const [address, endpoint] of endpoints) {
      if (this.watched.has(address)) continue;
      const client = createClient(endpoint, {
        connectionName: 'quorate-replica-watch',
        commandTimeoutMs: ANSWER_MS,
        reconnect: true,
      });
      this.watched.set(address, { endpoint, client, asking: false, said: null });
    }
  }

  private look(): void {
    for (const watched of this.watched.values()) if (!watched.asking) void this.ask(watched);
  }

  private async ask(watched: Watched): Promise<void> {
    const { client, endpoint } = watched;
    watched.asking = true;
    try {
      if (client.status === 'wait') {
        if (!this.mayOpen()) return;
        await client.connect();
      }
      const [replication, persistence] = await Promise.all([
        client.info('replication'),
        client.info('persistence'),
      ]);
      watched.said = read(parseInfo(replication), parseInfo(persistence));
      this.histories.set(endpoint.address, watched.said.history);
    } catch {
      watched.said = null;
      // A late reply would be taken for that of a later command.
      if (client.status === 'ready') client.disconnect(true);
    } finally {
      watched.asking = false;
      if (this.watched.get(endpoint.address) === watched) this.judge(endpoint.address);
    }
  }

  /** Judges a replica, or the replicas of a master. */
  private judge(address: string): void {
    for (const [reader, owner] of this.owners) {
      if (reader !== address && owner !== address) continue;
      if (this.mayRead(reader, owner)) this.good.add(reader);
      else this.good.delete(reader);
    }
  }

  private mayRead(reader: string, owner: string): boolean {
    const said = this.watched.get(reader)?.said;
    const master = this.watched.get(owner)?.said;
    if (!said?.isReplica || said.isLoading || said.linkDownMs > this.limits.maxReplicaLinkDownMs)
      return false;
    if (this.histories.get(owner) !== said.history) return false;
    // Without its master it cannot fall further behind.
    return !master || master.offset - said.offset <= this.limits.maxReplicaLagBytes;
  }
}

function read(info: ReadonlyMap<string, string>, persistence: ReadonlyMap<string, string>): Said {
  const isReplica = info.get('role') === 'slave';
  const seconds = Number(info.get('master_link_down_since_seconds') ?? -1);
  const isUp = info.get('master_link_status') === 'up';
  return {
    isReplica,
    isLoading: persistence.get('loading') === '1' || info.get('master_sync_in_progress') === '1',
    history: info.get('master_replid') ?? '',
    offset: Number(info.get(isReplica ? 'slave_repl_offset' : 'master_repl_offset') ?? 0),
    // A replica that was never connected says -1. Seconds are whole, so it may be nearly one more.
    linkDownMs: isUp ? 0 : seconds < 0 ? Number.POSITIVE_INFINITY : (seconds + 1) * 1_000,
  };
}
