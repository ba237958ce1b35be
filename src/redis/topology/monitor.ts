import { EventEmitter } from 'node:events';
import { ReplyError, type Redis } from 'ioredis';
import { errorMessage } from '../../common/errors.js';
import { createClient, parseInfo, parseKeyspace } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';
import { masterAddressOf } from './probe.js';
import type { ServerRecord } from './records.js';
import type { Topology } from './topology.js';

/** What a server said of itself at the last look; immutable. */
export interface ServerStatus {
  readonly reachable: boolean;
  /** Why it is not reachable, or what is wrong with it; null when nothing is. */
  readonly problem: string | null;
  readonly problemSince: Date | null;
  readonly engine: string | null;
  readonly version: string | null;
  readonly keys: number | null;
  readonly usedMemory: number | null;
  readonly maxMemory: number | null;
  readonly opsPerSecond: number | null;
  readonly masterLinkUp: boolean | null;
  /** Bytes that a replica lacks of its master's stream. */
  readonly replicationLag: number | null;
}

const UNKNOWN: ServerStatus = Object.freeze({
  reachable: false,
  problem: null,
  problemSince: null,
  engine: null,
  version: null,
  keys: null,
  usedMemory: null,
  maxMemory: null,
  opsPerSecond: null,
  masterLinkUp: null,
  replicationLag: null,
});

/** One server's connection; `refusal` is why it last broke, or could not be made. */
interface Watch {
  readonly client: Redis;
  readonly endpoint: Endpoint;
  asking: boolean;
  refusal: unknown;
}

const POLL_INTERVAL_MS = 1_000;

/**
 * Asks every server of every group for INFO once a second and keeps the last answer. Every member does this
 * for itself: what it sees is what it shows.
 */
export class ServerMonitor {
  private readonly watched = new Map<string, Watch>();
  private readonly statuses = new Map<string, ServerStatus>();
  /** By address: how far a server is in which history. */
  private readonly offsets = new Map<string, { readonly history: string; readonly offset: number }>();
  private readonly events = new EventEmitter();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly topology: Topology) {
    this.events.setMaxListeners(0);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), POLL_INTERVAL_MS);
    this.tick();
  }

  stop(): void {
    clearInterval(this.timer);
    for (const { client } of this.watched.values()) client.disconnect();
    this.watched.clear();
  }

  status(address: string): ServerStatus {
    return this.statuses.get(address) ?? UNKNOWN;
  }

  /** Called with an address whenever its status was looked at and is not what it was. */
  subscribe(listener: (address: string) => void): () => void {
    this.events.on('changed', listener);
    return () => this.events.off('changed', listener);
  }

  private tick(): void {
    const servers = new Map(this.topology.servers().map((server) => [server.address, server]));
    for (const [address, { client }] of this.watched) {
      if (servers.has(address)) continue;
      client.disconnect();
      this.watched.delete(address);
      this.statuses.delete(address);
    }
    for (const server of servers.values()) void this.look(server);
  }

  private async look(server: ServerRecord): Promise<void> {
    const { address } = server;
    let watch = this.watched.get(address);
    if (watch?.asking) return;
    try {
      const endpoint = this.topology.endpoint(server);
      if (watch?.endpoint.password !== endpoint.password) {
        watch?.client.disconnect();
        watch = this.watch(endpoint);
      }
      watch.asking = true;
      if (watch.client.status === 'wait') await watch.client.connect();
      const status = this.read(server, parseInfo(await watch.client.info()));
      watch.refusal = undefined;
      if (this.watched.get(address) === watch) this.store(address, status);
    } catch (error) {
      // Waiting for the rest of a reply that never comes, a connection would take every later one for it.
      if (watch?.client.status === 'ready' && !(error instanceof ReplyError)) watch.client.disconnect(true);
      if (watch && this.watched.get(address) !== watch) return;
      const reason = errorMessage(watch?.refusal ?? error);
      this.store(address, { ...UNKNOWN, problem: `It cannot be reached: ${reason}` });
    } finally {
      if (watch) watch.asking = false;
    }
  }

  private watch(endpoint: Endpoint): Watch {
    const client = createClient(endpoint, {
      connectionName: 'quorate-monitor',
      commandTimeoutMs: 3_000,
      reconnect: true,
    });
    const watch: Watch = { client, endpoint, asking: false, refusal: undefined };
    client.on('error', (error) => (watch.refusal = error));
    this.watched.set(endpoint.address, watch);
    return watch;
  }

  private read(server: ServerRecord, info: ReadonlyMap<string, string>): ServerStatus {
    const number = (field: string): number | null => {
      const value = info.get(field) ?? '';
      return /^\d+$/.test(value) ? Number(value) : null;
    };
    const offset = number('slave_repl_offset') ?? number('master_repl_offset');
    const history = info.get('master_replid') ?? '';
    if (offset !== null) this.offsets.set(server.address, { history, offset });
    const isReplica = info.get('role') === 'slave';
    const linkUp = isReplica ? info.get('master_link_status') === 'up' : null;
    return {
      reachable: true,
      problem: this.problemOf(server, info, isReplica, linkUp),
      problemSince: null,
      engine: info.has('valkey_version') ? 'valkey' : 'redis',
      version: info.get('valkey_version') ?? info.get('redis_version') ?? null,
      keys: [...parseKeyspace(info).values()].reduce((sum, keys) => sum + keys, 0),
      usedMemory: number('used_memory'),
      maxMemory: number('maxmemory'),
      opsPerSecond: number('instantaneous_ops_per_sec'),
      masterLinkUp: linkUp,
      replicationLag: isReplica ? this.lagOf(server.address, history, offset) : null,
    };
  }

  private problemOf(
    server: ServerRecord,
    info: ReadonlyMap<string, string>,
    isReplica: boolean,
    linkUp: boolean | null,
  ): string | null {
    const master = masterAddressOf(info);
    if (server.type === 'MASTER' && isReplica)
      return `It is to be the group's master, but is a replica of ${master}.`;
    if (server.type === 'SLAVE' && !isReplica)
      return "It is to be a replica, but is a master: its group's changes miss it.";
    if (linkUp === false) return `Its link to its master ${master} is down.`;
    if (info.get('loading') === '1') return 'It is loading its data from disk.';
    return null;
  }

  /** Behind its group's master, by whatever name it follows that; null when it is of another history. */
  private lagOf(address: string, history: string, offset: number | null): number | null {
    const group = this.topology
      .groups()
      .find(({ value }) => value.servers.some((each) => each.address === address));
    const master = this.offsets.get(this.topology.master(group?.value)?.address ?? '');
    if (master === undefined || offset === null || master.history !== history) return null;
    return Math.max(0, master.offset - offset);
  }

  private store(address: string, status: ServerStatus): void {
    const before = this.statuses.get(address);
    const since =
      status.problem === null ? null : before?.problem === status.problem ? before.problemSince : new Date();
    const next = { ...status, problemSince: since };
    this.statuses.set(address, next);
    if (JSON.stringify(before) !== JSON.stringify(next)) this.events.emit('changed', address);
  }
}
