import { formatAddress, parseAddress, type HostPort } from '../common/address.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import type { SecretBox } from '../common/secret-box.js';
import { createSchema } from '../api/schema.js';
import type { Services } from '../api/context.js';
import { CoordinatorWatch } from '../cluster/coordinator-watch.js';
import { ActionFeed } from '../cluster/feed.js';
import { LeaderRuntime } from '../cluster/leader-runtime.js';
import { agreeOnSecretKey, describeThisProcess, registerMember } from '../cluster/member.js';
import { Operations } from '../cluster/operations.js';
import { ProblemBook } from '../cluster/problems.js';
import { Proposals } from '../cluster/proposals.js';
import { collections, type MemberRecord } from '../cluster/records.js';
import { keepFeedBounded } from '../cluster/retention.js';
import { SessionKeeper } from '../cluster/session-keeper.js';
import { StateView } from '../cluster/view.js';
import type { ServeConfig } from '../config/options.js';
import type { Coordinator } from '../coordinator/index.js';
import { Authenticator } from '../http/authenticator.js';
import { HttpServer, requireAuthenticationBeyondLoopback } from '../http/server.js';
import { TokenStore } from '../http/tokens.js';
import { Migrator } from '../redis/migration/migrator.js';
import { SlotCounter } from '../redis/migration/slot-counter.js';
import { ProxyAgent } from '../redis/proxy/agent.js';
import { Groups } from '../redis/topology/groups.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import { ServerMonitor } from '../redis/topology/monitor.js';
import { redisFindings } from '../redis/topology/problems.js';
import { Proxies } from '../redis/topology/proxies.js';
import { ProxyMonitor } from '../redis/topology/proxy-monitor.js';
import { topologyCollections } from '../redis/topology/records.js';
import { Slots } from '../redis/topology/slots.js';
import { Topology } from '../redis/topology/topology.js';
import type { Logger } from '../telemetry/logger.js';
import { askProxy, askProxyDetails, toTraffic } from './proxy-stats.js';
import { createCoordinator, loadSecrets, proxyLimits, proxyPassword } from './wiring.js';

class StoppedError extends QuorateError {
  constructor() {
    super('STOPPED', 'This process was asked to stop before it had started.');
  }
}

/** One `quorate serve`: everything that runs in it, started and stopped in order. */
export class MemberProcess {
  private readonly started: { name: string; stop: () => Promise<void> | void }[] = [];
  private http: HttpServer | undefined;
  private embeddedProxy: ProxyAgent | undefined;
  private stopping = false;

  constructor(
    private readonly config: ServeConfig,
    private readonly log: Logger,
  ) {}

  /** Where the API listens; after `start`. */
  get address(): HostPort {
    if (!this.http) throw new Error('Not started.');
    return this.http.address;
  }

  get proxyAddress(): string | undefined {
    return this.embeddedProxy?.address;
  }

  /** Rejects with what is wrong, everything that had been started stopped again. */
  async start(): Promise<void> {
    try {
      await this.startAll();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** In the opposite order of the start, the coordinator last. Also ends a start that is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (let part = this.started.pop(); part !== undefined; part = this.started.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.log.warn({ part: part.name, reason: errorMessage(error) }, 'A part did not stop cleanly');
      }
    }
  }

  private async startAll(): Promise<void> {
    const { config, log } = this;
    const listen = mustParse(config.listen);
    requireAuthenticationBeyondLoopback(
      listen,
      config.tokens !== undefined,
      'Make a token with "quorate token create" and set --tokens',
    );
    const proxyListen = config.proxyListen === undefined ? undefined : mustParse(config.proxyListen);
    if (proxyListen) {
      requireAuthenticationBeyondLoopback(
        proxyListen,
        config.passwordFile !== undefined,
        'Set --password-file',
      );
    }
    const tokens =
      config.tokens === undefined
        ? null
        : new TokenStore(config.tokens, (error) => {
            log.error({ reason: error.message }, 'The tokens that were known before stay in force');
          });
    const secrets = loadSecrets(config, true);
    const coordinator = createCoordinator(config);
    await this.run('coordinator', coordinator);
    await agreeOnSecretKey(coordinator, secrets);

    const view = new StateView(
      coordinator,
      [...Object.values(collections), ...Object.values(topologyCollections)],
      log,
    );
    await this.run('view', view);
    const self = describeThisProcess({
      name: config.name,
      adminUrl: config.advertise ?? `http://${formatAddress(listen)}`,
    });
    const authenticator = new Authenticator(tokens, secrets.derive('members'));
    const services = this.createServices(coordinator, view, secrets, authenticator);
    const keeper = new SessionKeeper(
      coordinator,
      config.sessionTtlMs,
      (session, signal) => registerMember(coordinator, self, session, log, signal),
      log,
    );
    const leader = this.createLeader(services, self, keeper);
    this.http = new HttpServer({
      listen,
      schema: await createSchema(),
      services,
      authenticator,
      isLeader: () => leader.leadership !== undefined,
      hasTokens: tokens !== null,
      notReady: () => [
        ...(keeper.isAlive() ? [] : ['not in touch with the coordinator']),
        ...(view.get(collections.leadership, 'leader') ? [] : ['no member leads']),
      ],
      log,
    });
    await this.run('http', this.http);
    await this.run('session', keeper);
    await this.run('coordinator watch', services.coordinatorWatch);
    await this.run('server monitor', services.serverMonitor);
    await this.run('proxy monitor', services.proxyMonitor);
    await this.run('problems', services.problems);
    await this.run('leadership', leader);
    if (proxyListen) await this.startProxy(coordinator, secrets, proxyListen);
  }

  private createServices(
    coordinator: Coordinator,
    view: StateView,
    secrets: SecretBox,
    authenticator: Authenticator,
  ): Services {
    const topology = new Topology(view, secrets);
    const proposals = new Proposals(coordinator, view, this.config.name);
    const operations = new Operations(view, proposals);
    const serverMonitor = new ServerMonitor(topology);
    const coordinatorWatch = new CoordinatorWatch(coordinator);
    return {
      clusterName: this.config.cluster,
      memberName: this.config.name,
      coordinator,
      coordinatorWatch,
      view,
      proposals,
      feed: new ActionFeed(view, proposals),
      operations,
      problems: new ProblemBook(() => [
        ...coordinatorWatch.findings(),
        ...redisFindings(topology, serverMonitor, operations),
      ]),
      topology,
      groups: new Groups(topology, proposals, secrets),
      slots: new Slots(topology, proposals),
      proxies: new Proxies(topology, proposals),
      serverMonitor,
      proxyMonitor: new ProxyMonitor(topology, async (proxy) => {
        const embedded = this.embeddedProxyOf(proxy);
        return embedded ? toTraffic(embedded.stats()) : askProxy(proxy, authenticator);
      }),
      slotCounter: new SlotCounter(topology),
      askProxyDetails: async (proxy) => {
        const embedded = this.embeddedProxyOf(proxy);
        return embedded ? embedded.details() : askProxyDetails(proxy, authenticator);
      },
    };
  }

  /** The proxy inside this very process, if that is the one. */
  private embeddedProxyOf({ name, adminAddress }: ProxyRecord): ProxyAgent | undefined {
    return name === this.config.name && adminAddress === null ? this.embeddedProxy : undefined;
  }

  private createLeader(services: Services, self: MemberRecord, keeper: SessionKeeper): LeaderRuntime {
    const migrator = new Migrator({
      ...services,
      barrierTimeoutMs: this.config.barrierTimeoutMs,
      log: this.log,
    });
    return new LeaderRuntime(
      services.coordinator,
      { member: self.name, incarnation: self.incarnation },
      (signal) => keeper.current(signal),
      services.proposals,
      async (leadership) => {
        const bounded = keepFeedBounded(services.feed, leadership, this.log);
        await migrator.run(leadership);
        await bounded;
      },
      this.log,
    );
  }

  private async startProxy(coordinator: Coordinator, secrets: SecretBox, listen: HostPort): Promise<void> {
    const { config, log } = this;
    this.embeddedProxy = new ProxyAgent({
      coordinator,
      secrets,
      name: config.name,
      listen,
      adminAddress: null,
      dataCenter: config.dataCenter ?? null,
      password: proxyPassword(config),
      limits: proxyLimits(config),
      workers: 1,
      sessionTtlMs: config.sessionTtlMs,
      log: log.child({ part: 'proxy' }),
    });
    await this.run('proxy', this.embeddedProxy);
  }

  private async run(
    name: string,
    part: { start(): Promise<void> | void; stop(): Promise<void> | void },
  ): Promise<void> {
    if (this.stopping) throw new StoppedError();
    this.started.push({ name, stop: () => part.stop() });
    await part.start();
    if (!this.stopping) return;
    // It was told to stop before there was anything to stop.
    await part.stop();
    throw new StoppedError();
  }
}

function mustParse(address: string): HostPort {
  const parsed = parseAddress(address, { allowPortZero: true });
  if (!parsed) throw new Error(`Not an address: ${address}`);
  return parsed;
}
