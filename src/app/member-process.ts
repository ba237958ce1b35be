import { formatAddress, parseAddress, type HostPort } from '../common/address.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import type { SecretBox } from '../common/secret-box.js';
import { binlogMetrics } from '../binlog/metrics/binlog-metrics.js';
import { createSchema } from '../api/schema.js';
import { agreeOnSecretKey, describeThisProcess, registerMember } from '../cluster/member.js';
import type { LeaderRuntime } from '../cluster/leader-runtime.js';
import { Admission, MemberRemovedError } from '../cluster/membership/admission.js';
import { IdentityFile } from '../cluster/membership/identity-file.js';
import { MembershipView } from '../cluster/membership/membership-view.js';
import { Proposals } from '../cluster/proposals.js';
import { collections } from '../cluster/records.js';
import { SessionKeeper } from '../cluster/session-keeper.js';
import type { ServeConfig } from '../config/options.js';
import type { Coordinator } from '../coordinator/index.js';
import { Authenticator } from '../http/authenticator.js';
import { HttpServer, requireAuthenticationBeyondLoopback } from '../http/server.js';
import { TokenStore } from '../http/tokens.js';
import { trafficMetrics } from '../redis/traffic-metrics.js';
import { ProxyAgent } from '../redis/proxy-agent/agent.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import type { Logger } from '../telemetry/logger.js';
import { logLevelEndpoints } from './log-level.js';
import { answersOf } from './member-calls.js';
import { Peers } from './peers.js';
import { createLeader, createServices, createView } from './member-services.js';
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
  private hasStartedProxy = false;
  private readonly ending = new AbortController();
  private stopping = false;

  /** Rejects when it cannot go on, and has to be stopped. */
  readonly failed: Promise<never>;
  private fail: (error: Error) => void = () => undefined;

  constructor(
    private readonly config: ServeConfig,
    private readonly log: Logger,
  ) {
    this.failed = new Promise((_resolve, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

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
    this.ending.abort(new StoppedError());
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
    await agreeOnSecretKey(coordinator, secrets, log, this.ending.signal);

    const view = createView(coordinator, log);
    await this.run('view', view);
    const proposals = new Proposals(coordinator, view, config.name);
    const membership = new MembershipView(view);
    const who = { name: config.name, id: '' };
    const peers = new Peers({
      ...{ config, secrets, membership, id: () => who.id, log },
      onChannel: (channel) => services.binlog.replicas.answer(channel),
    });
    const authenticator = new Authenticator(tokens, secrets.derive('members'));
    const leading: { current?: LeaderRuntime } = {};
    const services = createServices({
      ...{ config, coordinator, view, secrets, authenticator, tokens, proposals, membership, peers, log },
      ...{ self: who, leader: leading },
      embeddedProxyOf: (proxy) => this.embeddedProxyOf(proxy),
    });
    await this.run('peers', peers);
    const identity = { name: config.name, peerUrls: peers.urls };
    const adminUrls = [config.advertise ?? `http://${formatAddress(listen)}`];
    const self = describeThisProcess({ ...identity, adminUrls });
    const admission = new Admission({
      ...{ ...identity, adminUrls, membership, proposals, log, joins: config.join, cluster: config.cluster },
      file: new IdentityFile(config.dataDir),
    });
    const keeper = new SessionKeeper(
      coordinator,
      config.sessionTtlMs,
      (session, signal) => registerMember(coordinator, self, session, log, signal),
      log,
    );
    const leader = createLeader(config, services, self, keeper, log);
    leading.current = leader;
    this.http = new HttpServer({
      listen,
      schema: await createSchema(),
      services,
      authenticator,
      isLeader: () => leader.leadership !== undefined,
      hasTokens: tokens !== null,
      isMember: () => who.id !== '',
      endpoints: [
        ...answersOf(services.binlog),
        ...logLevelEndpoints({
          log,
          authenticator,
          proxyNamed: (name) => services.topology.proxy(name)?.record.value,
        }),
      ],
      metrics: [
        ...binlogMetrics(services.binlog, membership, config.name),
        ...trafficMetrics(() => services.proxyMonitor.reports()),
      ],
      notReady: () => [
        ...(who.id === '' ? [admission.waiting ?? 'not let into the cluster yet'] : []),
        ...(membership.byId(who.id)?.role === 'LEARNER' ? ['catching up: it has no vote yet'] : []),
        ...(keeper.isAlive() ? [] : ['not in touch with the coordinator']),
        ...(view.get(collections.leadership, 'leader') ? [] : ['no member leads']),
        ...services.problems
          .list()
          .filter(({ code }) => code === 'COORDINATOR_READ_ONLY' || code === 'COORDINATOR_RESTORED')
          .map(({ message }) => message),
        ...(proxyListen && !this.hasStartedProxy ? ['its proxy does not listen yet'] : []),
      ],
      log,
    });
    await this.run('http', this.http);
    who.id = await this.admit(admission);
    membership.onChange(() => {
      if (!membership.byId(who.id)) this.fail(new MemberRemovedError(config.name));
    });
    await this.run('session', keeper);
    await this.run('coordinator watch', services.coordinatorWatch);
    await this.run('server monitor', services.serverMonitor);
    await this.run('proxy monitor', services.proxyMonitor);
    await this.run('problems', services.problems);
    await this.run('binlog', services.binlog);
    await this.run('throughput', services.throughput);
    await this.run('leadership', leader);
    if (proxyListen) await this.startProxy(coordinator, secrets, proxyListen);
  }

  /** Waits until this process is let into the cluster, or is told to stop. */
  private async admit(admission: Admission): Promise<string> {
    const { signal } = this.ending;
    try {
      return await admission.run(signal);
    } catch (error) {
      throw this.stopping ? new StoppedError() : error;
    }
  }

  /** The proxy inside this very process, if that is the one. */
  private embeddedProxyOf({ name, adminAddress }: ProxyRecord): ProxyAgent | undefined {
    return name === this.config.name && adminAddress === null ? this.embeddedProxy : undefined;
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
    this.hasStartedProxy = true;
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
