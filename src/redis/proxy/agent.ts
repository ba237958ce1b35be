import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { formatAddress, type HostPort } from '../../common/address.js';
import { Backoff, delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { SecretBox } from '../../common/secret-box.js';
import { VERSION } from '../../common/version.js';
import { collections as shared } from '../../cluster/records.js';
import { SessionKeeper } from '../../cluster/session-keeper.js';
import { StateView, type ViewBatch } from '../../cluster/view.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { killEverywhere, PROXY_PREFIX } from '../topology/fencing.js';
import { topologyCollections as collections, type ProxyRecord } from '../topology/records.js';
import { buildRoutingTable } from '../topology/routing.js';
import { Topology } from '../topology/topology.js';
import { Acknowledger } from './acknowledger.js';
import type { ProxyLimits } from './options.js';
import { proxyDetails, type ProxyDetails } from './details.js';
import { ProxyServer } from './proxy-server.js';
import { announce, registerProxy, unregisterProxy } from './registration.js';

export interface ProxyAgentOptions {
  readonly coordinator: Coordinator;
  readonly secrets: SecretBox;
  readonly name: string;
  readonly listen: HostPort;
  /** Where members ask for statistics; null when this process answers them itself. */
  readonly adminAddress: string | null;
  readonly dataCenter: string | null;
  /** What Redis clients must give; null for none. */
  readonly password: string | null;
  readonly limits: ProxyLimits;
  readonly sessionTtlMs: number;
  readonly log: Logger;
}

/**
 * One proxy of the cluster: registers, follows the topology, hands it to the data plane in order, and
 * acknowledges what the data plane has applied.
 *
 * Invariants: it registers before it reads the state it serves from, so that a barrier either counts it or
 * is behind that state; without a live session, or before it has caught up with its own registration, it
 * opens no connection to a server; what it routes with when the coordinator is away is the last topology;
 * it acknowledges nothing before the connections of a lost process of its name have been cut at the servers.
 */
export class ProxyAgent {
  private readonly self: ProxyRecord;
  private readonly view: StateView;
  private readonly topology: Topology;
  private readonly keeper: SessionKeeper;
  private readonly acknowledger: Acknowledger;
  private registeredAt = 0n;
  /** Why nothing may be acknowledged yet; null when it may. */
  private predecessor: string | null = null;
  private readonly stopping = new AbortController();
  private fencing: Promise<void> = Promise.resolve();
  private server: ProxyServer;
  private serving = false;
  private unsubscribe: () => void = () => undefined;
  private transition: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: ProxyAgentOptions) {
    const { coordinator, secrets, name, listen, log } = options;
    const now = new Date().toISOString();
    this.self = {
      name,
      incarnation: randomUUID().slice(0, 8),
      address: formatAddress({
        ...listen,
        host: /^(0\.0\.0\.0|::)$/.test(listen.host) ? hostname() : listen.host,
      }),
      adminAddress: options.adminAddress,
      state: 'ONLINE',
      pid: process.pid,
      hostName: hostname(),
      dataCenter: options.dataCenter,
      version: VERSION,
      startedAt: now,
      lastEvent: 'started',
      lastEventAt: now,
    };
    this.view = new StateView(coordinator, [...Object.values(collections), shared.actions], log);
    this.topology = new Topology(this.view, secrets);
    this.keeper = new SessionKeeper(
      coordinator,
      options.sessionTtlMs,
      async (session, signal) => {
        const registered = await registerProxy(coordinator, this.self, session, log, signal);
        this.registeredAt = registered.revision;
        if (registered.succeedsLostProcess)
          this.predecessor = 'it has not yet cut the connections of its predecessor';
      },
      log,
    );
    this.server = this.createServer();
    this.acknowledger = new Acknowledger({
      coordinator,
      view: this.view,
      name,
      incarnation: this.self.incarnation,
      session: (signal) => this.keeper.current(signal),
      waitingFor: () => this.predecessor ?? (this.serving ? this.server.waitingFor() : null),
      log,
    });
  }

  get address(): string {
    return this.self.address;
  }

  details(): ProxyDetails {
    return proxyDetails(this.server);
  }

  stats(): ReturnType<ProxyServer['stats']> {
    return this.server.stats();
  }

  async start(): Promise<void> {
    await this.keeper.start();
    await this.view.start();
    this.acknowledger.start(this.registeredAt);
    this.unsubscribe = this.view.subscribe((batch) => this.follow(batch));
    this.fencing = this.fencePredecessor();
    this.followState();
    await this.transition;
  }

  /** Stops serving, then leaves the cluster: after that nobody waits for this proxy. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping.abort(new Error('The proxy is stopping.'));
    this.unsubscribe();
    await this.fencing;
    await this.transition;
    await this.server.stop();
    await this.acknowledger.stop();
    await unregisterProxy(this.options.coordinator, this.self).catch((error: unknown) => {
      this.options.log.warn(
        { reason: errorMessage(error) },
        'This proxy could not be taken out of the cluster; it will be shown as unreachable until it is removed',
      );
    });
    await this.keeper.stop();
    await this.view.stop();
  }

  private createServer(): ProxyServer {
    const { listen, password, name, limits } = this.options;
    const server = new ProxyServer({
      listen,
      password,
      name,
      incarnation: this.self.incarnation,
      limits,
      mayOpenConnections: () => this.keeper.isAlive() && this.view.revision >= this.registeredAt,
    });
    server.onApplied((revision) => {
      if (this.serving && server === this.server) this.acknowledge(revision);
    });
    return server;
  }

  private acknowledge(revision: bigint): void {
    if (this.predecessor === null) this.acknowledger.acknowledge(revision);
  }

  /**
   * A process of this name that was killed may have left commands in a server's socket. They must be gone
   * before this proxy says on behalf of the name that nothing is under way.
   */
  private async fencePredecessor(): Promise<void> {
    const { name, log } = this.options;
    const backoff = new Backoff(100, 3_000);
    const own = `${PROXY_PREFIX}${name}:${this.self.incarnation}:`;
    const isPredecessors = (connection: string): boolean =>
      connection.startsWith(`${PROXY_PREFIX}${name}:`) && !connection.startsWith(own);
    while (this.predecessor !== null && !this.stopped) {
      const list = await this.cutEverywhere(isPredecessors);
      if (list === '') {
        this.predecessor = null;
        this.acknowledge(this.serving ? this.server.appliedRevision : this.view.revision);
        return;
      }
      this.predecessor = `it cannot cut the connections of its predecessor: ${list}`;
      log.warn({ reason: list }, 'The connections of the previous process of this name cannot be cut yet');
      await delay(backoff.next(), this.stopping.signal).catch(() => undefined);
    }
  }

  /** What went wrong; empty when it is certain that no such connection is left. */
  private async cutEverywhere(doomed: (connection: string) => boolean): Promise<string> {
    try {
      const servers = this.topology.endpoints();
      return [...(await killEverywhere(servers, doomed)).values()].join('; ');
    } catch (error) {
      return errorMessage(error);
    }
  }

  private follow(batch: ViewBatch): void {
    const { name } = this.options;
    const concerns = batch.changes.some(
      ({ collection, id }) =>
        collection === collections.groups ||
        collection === collections.slots ||
        (collection === collections.proxies && id === name),
    );
    if (concerns) this.followState();
  }

  /** Brings the data plane to what the view says now: serving or not, and with which table. */
  private followState(): void {
    const state = this.topology.proxy(this.options.name)?.record.value.state;
    const wanted = state === 'ONLINE';
    if (this.serving && wanted) return this.apply();
    this.transition = this.transition
      .then(() => this.switchTo(wanted))
      .catch((error: unknown) => {
        this.options.log.error({ reason: errorMessage(error) }, 'The proxy could not change its state');
      });
  }

  private apply(): void {
    try {
      this.server.apply(buildRoutingTable(this.topology));
    } catch (error) {
      // A password that does not open, say: the last table stays in force, and no newer one is acknowledged.
      this.options.log.error({ reason: errorMessage(error) }, 'The new topology cannot be used');
    }
  }

  private async switchTo(wanted: boolean): Promise<void> {
    if (this.stopped) return;
    if (wanted && !this.serving) {
      this.serving = true;
      this.apply();
      await this.server.start();
      this.options.log.info({ address: this.self.address }, 'Serving Redis clients');
    } else if (wanted) {
      this.apply();
    } else {
      if (this.serving) {
        this.serving = false;
        await this.server.stop();
        this.server = this.createServer();
        this.options.log.info('No longer serving Redis clients');
      }
      this.acknowledge(this.view.revision);
      await this.confirmOffline();
    }
  }

  /** Says that it has stopped, which lets barriers do without it. */
  private async confirmOffline(): Promise<void> {
    const record = this.topology.proxy(this.options.name)?.record;
    if (record?.value.state !== 'MARK_OFFLINE' || record.value.incarnation !== this.self.incarnation) return;
    const lastEventAt = new Date().toISOString();
    const stopped: ProxyRecord = {
      ...record.value,
      state: 'OFFLINE',
      lastEvent: 'stopped serving',
      lastEventAt,
    };
    await this.options.coordinator.commit({
      conditions: [{ key: collections.proxies.key(record.id), modRevision: record.revision }],
      operations: [
        { put: collections.proxies.key(record.id), value: collections.proxies.encode(stopped) },
        announce(this.self, 'has stopped serving'),
      ],
    });
  }
}
