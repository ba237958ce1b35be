import { errorMessage } from '../../common/errors.js';
import { VERSION } from '../../common/version.js';
import { collections as shared } from '../../cluster/records.js';
import { SessionKeeper } from '../../cluster/session-keeper.js';
import { StateView, type ViewBatch } from '../../cluster/view.js';
import type { Endpoint } from '../routing-table.js';
import type { TrafficReport } from '../traffic-report.js';
import { PROXY_PREFIX } from '../connection-names.js';
import { topologyCollections as collections, type ProxyRecord } from '../topology/records.js';
import { buildRoutingTable } from '../topology/routing.js';
import { Topology } from '../topology/topology.js';
import { Acknowledger } from './acknowledger.js';
import type { ProxyAgentOptions } from './agent-options.js';
import { logClientWarning } from '../proxy/client-warnings.js';
import type { DataPlane } from '../proxy/data-plane.js';
import { LostConnections } from './lost-connections.js';
import { proxyDetails, type ProxyDetails } from './details.js';
import { ProxyServer } from '../proxy/proxy-server.js';
import { confirmOffline, proxyRecord, registerProxy, unregisterProxy } from './registration.js';
import type { SlowRequest } from '../proxy/slow-log.js';
import {
  addTallies,
  Counters,
  toStats,
  withoutSessions,
  type ProxyStats,
  type Tally,
} from '../proxy/stats.js';
import { MOMENT_MS, TrafficWindows } from '../proxy/traffic-windows.js';
import { WorkerFleet } from '../proxy/workers/fleet.js';

/** What its routes are made of. */
const ROUTING = [collections.groups, collections.slots, collections.abandoned];

/** How long stopping waits for connections that were given up with commands under way to be cut, in milliseconds. */
const CUT_TIMEOUT_MS = 2_000;

/**
 * One proxy of the cluster: registers, follows the topology, hands it to the data plane in order, and
 * acknowledges what the data plane has applied.
 *
 * Invariants: it registers before it reads the state it serves from, so that a barrier either counts it or
 * is behind that state; without a live session, or before it has caught up with its own registration, it
 * opens no connection to a server; what it routes with when the coordinator is away is the last topology;
 * it acknowledges nothing, and does not leave the cluster, before connections of its name that were lost with
 * commands under way have been cut at the servers: those of a process before it, and those of its workers.
 */
export class ProxyAgent {
  private self: ProxyRecord;
  private readonly view: StateView;
  private readonly topology: Topology;
  private readonly keeper: SessionKeeper;
  private readonly acknowledger: Acknowledger;
  private registeredAt = 0n;
  private readonly lost: LostConnections;
  /** How many names of connections this process has begun, see {@link nextIncarnation}. */
  private incarnations = 0;
  private plane: DataPlane;
  /** What the planes before this one have counted: serving again is no new start. */
  private past: Tally = new Counters().tally(0, 0);
  private pastSlow: readonly SlowRequest[] = [];
  private readonly windows = new TrafficWindows(this.past);
  private momentTimer: NodeJS.Timeout | undefined;
  /** What the connections of the plane are called, when it is in this process. */
  private planeIncarnation = '';
  private serving = false;
  /** Whether clients can connect. */
  private listening = false;
  /** Why it does not serve although it is to; null when it does. */
  private currentProblem: string | null = null;
  private unsubscribe: () => void = () => undefined;
  private transition: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: ProxyAgentOptions) {
    const { coordinator, secrets, name, log } = options;
    this.self = proxyRecord(options);
    this.view = new StateView(coordinator, [...Object.values(collections), shared.actions], log);
    this.topology = new Topology(this.view, secrets);
    this.keeper = new SessionKeeper(
      coordinator,
      options.sessionTtlMs,
      async (session, signal) => {
        const registered = await registerProxy(coordinator, this.self, session, log, signal);
        this.registeredAt = registered.revision;
        if (registered.succeedsLostProcess) {
          const own = `${PROXY_PREFIX}${name}:${this.self.incarnation}.`;
          const all = `${PROXY_PREFIX}${name}:`;
          this.lost.add('its predecessor', (other) => other.startsWith(all) && !other.startsWith(own));
        }
      },
      log,
    );
    this.lost = new LostConnections({
      servers: (signal) => this.servers(signal),
      matters: (address) => this.topology.serversWithSlots().has(address),
      onCut: () => this.onCut(),
      log,
    });
    this.plane = this.createPlane();
    this.acknowledger = new Acknowledger({
      coordinator,
      view: this.view,
      name,
      incarnation: this.self.incarnation,
      session: (signal) => this.keeper.current(signal),
      listening: () => this.listening,
      waitingFor: () =>
        this.unreadable() ??
        this.currentProblem ??
        this.lost.reason ??
        (this.serving ? this.plane.waitingFor() : null),
      log,
    });
  }

  get address(): string {
    return this.self.address;
  }

  details(): ProxyDetails {
    return proxyDetails(this.tally(), this.slowLog());
  }

  stats(): ProxyStats {
    return toStats(this.tally());
  }

  /** The traffic of the last seconds and minutes, as of at most a second ago. */
  traffic(): TrafficReport {
    return this.windows.report();
  }

  /** @param adminAddress where members ask for statistics; null when this process answers them itself */
  async start(adminAddress: string | null): Promise<void> {
    this.self = { ...this.self, adminAddress };
    this.momentTimer = setInterval(() => this.windows.take(this.tally()), MOMENT_MS);
    await this.keeper.start();
    await this.view.start();
    this.acknowledger.start(this.registeredAt);
    this.unsubscribe = this.view.subscribe((batch) => this.follow(batch));
    this.lost.start();
    const first = this.switchTo(this.isWanted());
    this.transition = first.catch(() => undefined);
    await first;
  }

  /** Stops serving, then leaves the cluster: after that nobody waits for this proxy. */
  async stop(): Promise<void> {
    const { coordinator, log } = this.options;
    this.stopped = true;
    clearInterval(this.momentTimer);
    this.unsubscribe();
    // Once to end a start that is under way, and once more if it ended by starting.
    await this.stopPlane();
    await this.transition;
    await this.stopPlane();
    await this.lost.stop(CUT_TIMEOUT_MS);
    await this.acknowledger.stop();
    const left = 'it will be shown as unreachable until it is removed or comes back';
    if (this.lost.reason === null) {
      await unregisterProxy(coordinator, this.self).catch((error: unknown) => {
        log.warn(
          { reason: errorMessage(error) },
          `This proxy could not be taken out of the cluster; ${left}`,
        );
      });
    } else {
      log.warn({ reason: this.lost.reason }, `Commands of this proxy may still be under way; ${left}`);
    }
    await this.keeper.stop();
    await this.view.stop();
  }

  private tally(): Tally {
    return addTallies([this.past, this.plane.tally()]);
  }

  /** The newest first. */
  private slowLog(): SlowRequest[] {
    const before = this.pastSlow[0]?.id ?? 0;
    const numbered = this.plane.slowLog().map((request) => ({ ...request, id: before + request.id }));
    return [...numbered, ...this.pastSlow].slice(0, this.options.limits.slowLogLength);
  }

  /** Another one for a plane that has stopped, which goes on where that one ended with counting. */
  private replacePlane(): void {
    [this.past, this.pastSlow] = [withoutSessions(this.tally()), this.slowLog()];
    this.plane = this.createPlane();
  }

  private createPlane(): DataPlane {
    const { listen, password, name, limits, workers, log } = this.options;
    const common = { listen, password, name, limits };
    if (workers === 1) this.planeIncarnation = this.nextIncarnation();
    const plane =
      workers === 1
        ? new ProxyServer({
            ...common,
            incarnation: this.planeIncarnation,
            sessionIds: { first: 1, step: 1 },
            onWarning: (warning) => logClientWarning(log, warning),
            mayOpenConnections: () => performance.now() < this.mayOpenUntil(),
          })
        : new WorkerFleet({
            ...common,
            workers,
            nextIncarnation: () => this.nextIncarnation(),
            mayOpenUntil: () => this.mayOpenUntil(),
            onLost: (incarnation, worker) => this.loseConnections(incarnation, worker),
            log,
          });
    plane.onApplied((revision) => {
      if (this.serving && plane === this.plane) this.acknowledge(revision);
    });
    return plane;
  }

  /**
   * What a data plane, or a worker of one, calls itself in the names of its connections. All begin with this
   * process's incarnation, so that a successor knows them, and no two are the same.
   */
  private nextIncarnation(): string {
    this.incarnations++;
    return `${this.self.incarnation}.${this.incarnations}`;
  }

  /** Until when connections to servers may be opened, on the clock of `performance.now()`. */
  private mayOpenUntil(): number {
    return this.view.revision >= this.registeredAt ? this.keeper.validUntil : 0;
  }

  private loseConnections(incarnation: string, whose: string): void {
    const prefix = `${PROXY_PREFIX}${this.options.name}:${incarnation}:`;
    this.lost.add(whose, (connection) => connection.startsWith(prefix));
  }

  private async startPlane(): Promise<void> {
    try {
      await this.plane.start();
      this.setListening(true);
    } catch (error) {
      this.serving = false;
      this.setListening(false, `it cannot serve clients: ${errorMessage(error)}`);
      await this.stopPlane();
      this.replacePlane();
      throw error;
    }
  }

  private setListening(listening: boolean, currentProblem: string | null = null): void {
    [this.listening, this.currentProblem] = [listening, currentProblem];
    this.acknowledger.update();
  }

  private async stopPlane(): Promise<void> {
    this.listening = false;
    const incarnation = this.planeIncarnation;
    if (!(await this.plane.stop())) this.loseConnections(incarnation, 'its own that were given up');
  }

  private acknowledge(revision: bigint): void {
    if (this.lost.reason === null && this.unreadable() === null) this.acknowledger.acknowledge(revision);
  }

  /**
   * A sentence about a record of the routes that this version cannot read; null when there is none. The last table stays
   * in force then, and nothing newer is acknowledged: whoever wrote that record relies on what is not understood here.
   */
  private unreadable(): string | null {
    const [record] = this.view.unreadable(ROUTING);
    return record === undefined ? null : `it is of version ${VERSION}, and cannot follow: ${record.reason}`;
  }

  private onCut(): void {
    if (this.serving) this.acknowledge(this.plane.appliedRevision);
    else this.followState();
  }

  private async servers(signal: AbortSignal): Promise<readonly Endpoint[]> {
    await this.view.waitFor(this.registeredAt, signal);
    return this.topology.endpoints();
  }

  private follow(batch: ViewBatch): void {
    const { name } = this.options;
    const concerns = batch.changes.some(
      ({ collection, id }) =>
        collection === collections.groups ||
        collection === collections.slots ||
        collection === collections.abandoned ||
        (collection === collections.proxies && id === name),
    );
    if (concerns) this.followState();
  }

  /** Brings the data plane to what the view says now: serving or not, and with which table. */
  private followState(): void {
    const wanted = this.isWanted();
    if (this.serving && wanted) return this.apply();
    this.transition = this.transition
      .then(() => this.switchTo(wanted))
      .catch((error: unknown) => {
        this.options.log.error({ reason: errorMessage(error) }, 'The proxy could not change its state');
      });
  }

  /** Whether the cluster wants this proxy to serve. */
  private isWanted(): boolean {
    return this.topology.proxy(this.options.name)?.record.value.state === 'ONLINE';
  }

  private apply(): void {
    if (this.unreadable() !== null) return;
    try {
      this.plane.apply(buildRoutingTable(this.topology));
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
      await this.startPlane();
      this.options.log.info({ address: this.self.address }, 'Serving Redis clients');
    } else if (wanted) {
      this.apply();
    } else {
      this.setListening(false);
      if (this.serving) {
        this.serving = false;
        await this.stopPlane();
        this.replacePlane();
        this.options.log.info('No longer serving Redis clients');
      }
      if (this.lost.reason !== null) return;
      this.acknowledge(this.view.revision);
      await confirmOffline(this.options.coordinator, this.self, this.topology);
    }
  }
}
