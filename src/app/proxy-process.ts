import { formatAddress, isLoopback, parseAddress } from '../common/address.js';
import { QuorateError } from '../common/errors.js';
import { agreeOnSecretKey } from '../cluster/member.js';
import type { ProxyConfig } from '../config/options.js';
import type { Coordinator } from '../coordinator/index.js';
import { Authenticator } from '../http/authenticator.js';
import { ProxyAdminServer, type AdminAnswer } from '../http/proxy-admin.js';
import { requireAuthenticationBeyondLoopback } from '../http/server.js';
import { TokenStore } from '../http/tokens.js';
import { ProxyAgent } from '../redis/proxy-agent/agent.js';
import { trafficMetrics } from '../redis/traffic-metrics.js';
import type { Logger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { proxyLogLevel } from './log-level.js';
import { DETAILS_PATH, toTraffic, TRAFFIC_PATH } from './proxy-stats.js';
import { createCoordinator, loadSecrets, proxyLimits, proxyPassword } from './wiring.js';

/** One `quorate proxy`. */
export class ProxyProcess {
  private coordinator: Coordinator | undefined;
  private admin: ProxyAdminServer | undefined;
  private agent: ProxyAgent | undefined;
  private readonly ending = new AbortController();

  constructor(
    private readonly config: ProxyConfig,
    private readonly log: Logger,
  ) {}

  get address(): string | undefined {
    return this.agent?.address;
  }

  async start(): Promise<void> {
    try {
      await this.startAll();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.ending.abort(new Error('This process is stopping.'));
    await this.agent?.stop();
    await this.admin?.stop();
    await this.coordinator?.stop();
  }

  private async startAll(): Promise<void> {
    const { config, log } = this;
    if (config.etcd.length === 0) {
      throw new QuorateError(
        'CONFIG',
        'A proxy of its own needs etcd to follow the cluster: set --etcd. With the embedded coordinator the proxy ' +
          'runs inside the member: quorate serve --proxy-listen HOST:PORT.',
      );
    }
    const listen = parseAddress(config.listen);
    const adminListen = parseAddress(config.adminListen, { allowPortZero: true });
    if (!listen || !adminListen)
      throw new QuorateError('CONFIG', 'A proxy listens on a port of its own, not on 0.');
    requireAuthenticationBeyondLoopback(listen, config.passwordFile !== undefined, 'Set --password-file');
    const secrets = loadSecrets(config, false);
    this.coordinator = createCoordinator(config);
    await this.coordinator.start();
    await agreeOnSecretKey(this.coordinator, secrets, log, this.ending.signal);
    const tokens =
      config.tokens === undefined
        ? TokenStore.empty()
        : new TokenStore(config.tokens, (error) => {
            log.error({ reason: error.message }, 'The tokens that were known before stay in force');
          });
    const authenticator = new Authenticator(tokens, secrets.derive('members'));
    const metrics = new Metrics(
      trafficMetrics(() =>
        this.agent === undefined ? [] : [{ proxy: config.name, report: this.agent.traffic() }],
      ),
    );
    const answers = {
      [`GET ${TRAFFIC_PATH}`]: {
        role: 'VIEWER',
        answer: () => {
          const { agent } = this;
          return agent && toTraffic(agent);
        },
      },
      [`GET ${DETAILS_PATH}`]: { role: 'VIEWER', answer: () => this.agent?.details() },
      'GET /metrics': {
        role: 'VIEWER',
        isOpen: config.tokens === undefined && isLoopback(adminListen.host),
        contentType: metrics.contentType,
        answer: () => metrics.text(),
      },
      ...proxyLogLevel(log),
    } satisfies Record<string, AdminAnswer>;
    this.admin = new ProxyAdminServer(adminListen, authenticator, answers, log);
    const adminAddress = formatAddress(await this.admin.start());
    const agent = new ProxyAgent({
      coordinator: this.coordinator,
      secrets,
      name: config.name,
      listen,
      adminAddress,
      dataCenter: config.dataCenter ?? null,
      password: proxyPassword(config),
      limits: proxyLimits(config),
      workers: config.workers,
      sessionTtlMs: config.sessionTtlMs,
      log,
    });
    this.agent = agent;
    await agent.start();
  }
}
