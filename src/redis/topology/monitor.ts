import { EventEmitter } from 'node:events';
import { ReplyError, type Redis } from 'ioredis';
import { createClient, explainServerError, parseInfo, parseKeyspace } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';
import type { ProblemCode } from '../../cluster/problems/codes.js';
import { masterAddressOf, unfitness } from './probe.js';
import type { ServerRecord } from './records.js';
import { refusalOfConnections, refusalOfWrites } from './server-trial.js';
import type { Topology } from './topology.js';

/** What is wrong with a server. */
export interface ServerFault {
  readonly code: Extract<
    ProblemCode,
    'MASTER_DOWN' | 'MASTER_IS_REPLICA' | 'REPLICA_BROKEN' | 'SERVER_REFUSES' | 'SERVER_UNFIT'
  >;
  /** A full sentence whose subject is the server. */
  readonly message: string;
}

/** What a server said of itself at the last look; immutable. */
export interface ServerStatus {
  readonly reachable: boolean;
  /** Why it is not reachable, or what is wrong with it; null when nothing is. */
  readonly problem: string | null;
  readonly problemSince: Date | null;
  readonly fault: ServerFault | null;
  /** The server's run id and its replication id: another one means that it was started again, or has followed another server. */
  readonly identity: string | null;
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
  fault: null,
  identity: null,
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
  /** When a new connection was last tried, on the clock of `performance.now()`, and why it was refused. */
  trial: { readonly at: number; readonly refusal: string | null };
}

const POLL_INTERVAL_MS = 1_000;
/** A connection that lives on says nothing of whether another one would be let in. */
const CONNECTION_TRIAL_MS = 10_000;

/**
 * Asks every server of every group for INFO once a second and keeps the last answer. Every member does this
 * for itself: what it sees is what it shows.
 */
export class ServerMonitor {
  private readonly watched = new Map<string, Watch>();
  private readonly statuses = new Map<string, ServerStatus>();
  /** By address: how far a server is in which history. */
  private readonly offsets = new Map<string, { readonly history: string; readonly offset: number }>();
  /** By address: the process that answered there last. */
  private readonly runIds = new Map<string, string>();
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

  /** The run id of the process that answered last, also when none does any more; undefined when none was heard of. */
  lastRunId(address: string): string | undefined {
    return this.runIds.get(address);
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
      this.runIds.delete(address);
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
      const info = parseInfo(await watch.client.info());
      watch.refusal = undefined;
      const fault = faultOf(server, info) ?? (await this.trialOf(server, watch));
      if (this.watched.get(address) === watch) this.store(address, this.read(server, info, fault));
    } catch (error) {
      // Waiting for the rest of a reply that never comes, a connection would take every later one for it.
      if (watch?.client.status === 'ready' && !(error instanceof ReplyError)) watch.client.disconnect(true);
      if (watch && this.watched.get(address) !== watch) return;
      const reason = explainServerError(watch?.refusal ?? error);
      const fault: ServerFault =
        error instanceof ReplyError
          ? { code: 'SERVER_REFUSES', message: `It refuses to be asked: ${reason}` }
          : {
              code: server.type === 'MASTER' ? 'MASTER_DOWN' : 'REPLICA_BROKEN',
              message: `It cannot be reached: ${reason}`,
            };
      this.store(address, { ...UNKNOWN, problem: fault.message, fault });
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
    const watch: Watch = {
      ...{ client, endpoint, asking: false, refusal: undefined },
      trial: { at: performance.now(), refusal: null },
    };
    client.on('error', (error) => (watch.refusal = error));
    this.watched.set(endpoint.address, watch);
    return watch;
  }

  private read(
    server: ServerRecord,
    info: ReadonlyMap<string, string>,
    fault: ServerFault | null,
  ): ServerStatus {
    const number = (field: string): number | null => {
      const value = info.get(field) ?? '';
      return /^\d+$/.test(value) ? Number(value) : null;
    };
    const offset = number('slave_repl_offset') ?? number('master_repl_offset');
    const history = info.get('master_replid') ?? '';
    if (offset !== null) this.offsets.set(server.address, { history, offset });
    this.runIds.set(server.address, info.get('run_id') ?? '');
    const isReplica = info.get('role') === 'slave';
    const linkUp = isReplica ? info.get('master_link_status') === 'up' : null;
    return {
      reachable: true,
      problem: fault?.message ?? null,
      problemSince: null,
      fault,
      identity: `${info.get('run_id')} ${history}`,
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

  /** What INFO does not tell: whether the server would take a client's write and a proxy's new connection. */
  private async trialOf(server: ServerRecord, watch: Watch): Promise<ServerFault | null> {
    if (performance.now() - watch.trial.at > CONNECTION_TRIAL_MS) {
      watch.trial = { at: performance.now(), refusal: await refusalOfConnections(watch.endpoint) };
    }
    let message = watch.trial.refusal;
    if (message === null && server.type === 'MASTER') {
      message = await refusalOfWrites(watch.client);
      // Its reply may still come, and would be taken for that of a later command.
      if (message?.startsWith('It does not answer') === true) watch.client.disconnect(true);
    }
    return message === null ? null : { code: 'SERVER_REFUSES', message };
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

/** What a server says of itself that does not fit what it is recorded as. */
function faultOf(server: ServerRecord, info: ReadonlyMap<string, string>): ServerFault | null {
  const unfit = unfitness(info);
  if (unfit !== null) return { code: 'SERVER_UNFIT', message: `It ${unfit}.` };
  const isReplica = info.get('role') === 'slave';
  const master = masterAddressOf(info);
  if (server.type === 'MASTER' && isReplica) {
    return {
      code: 'MASTER_IS_REPLICA',
      message: `It is to be the group's master, but is a replica of ${master}.`,
    };
  }
  if (server.type === 'SLAVE' && !isReplica) {
    return {
      code: 'REPLICA_BROKEN',
      message: "It is to be a replica, but is a master: its group's changes miss it.",
    };
  }
  if (isReplica && info.get('master_link_status') !== 'up') {
    return { code: 'REPLICA_BROKEN', message: `Its link to its master ${master} is down.` };
  }
  if (info.get('loading') === '1')
    return { code: 'SERVER_REFUSES', message: 'It is loading its data from disk.' };
  return null;
}
