import { formatAddress, isLoopback } from '../common/address.js';
import { QuorateError } from '../common/errors.js';
import { agreeOnSecretKey } from '../cluster/member.js';
import type { ProxyConfig } from '../config/options.js';
import { Authenticator } from '../http/authenticator.js';
import { ProxyAdminServer, type AdminAnswer } from '../http/proxy-admin.js';
import { TokenStore } from '../http/tokens.js';
import { ProxyAgent } from '../redis/proxy-agent/agent.js';
import { trafficMetrics } from '../redis/traffic-metrics.js';
import type { Logger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { proxyListeners } from './listeners.js';
import { proxyLogLevel } from './log-level.js';
import { Parts, part } from './parts.js';
import { DETAILS_PATH, toTraffic, TRAFFIC_PATH } from './proxy-stats.js';
import { createCoordinator, createTokens, loadSecrets, proxyLimits, proxyPassword } from './wiring.js';

/** One `quorate proxy`: everything that runs in it. */
export class ProxyProcess {
  private readonly parts: Parts;
  private agent: ProxyAgent | undefined;

  constructor(
    private readonly config: ProxyConfig,
    private readonly log: Logger,
  ) {
    this.parts = new Parts(log);
  }

  /** Where clients connect; undefined before `start`. */
  get address(): string | undefined {
    return this.agent?.address;
  }

  /** Rejects with what is wrong, everything that had been started stopped again. */
  async start(): Promise<void> {
    const { config, log, parts } = this;
    if (config.etcd.length === 0) {
      throw new QuorateError(
        'CONFIG',
        'A proxy of its own needs etcd to follow the cluster: set --etcd. With the embedded coordinator the proxy ' +
          'runs inside the member: quorate serve --proxy-listen HOST:PORT.',
      );
    }
    const listeners = proxyListeners(config);
    const secrets = loadSecrets(config, false);
    const tokens = createTokens(config, log);
    const coordinator = createCoordinator(config);
    const agent = new ProxyAgent({
      coordinator,
      secrets,
      name: config.name,
      listen: listeners.clients,
      dataCenter: config.dataCenter ?? null,
      password: proxyPassword(config),
      limits: proxyLimits(config),
      workers: config.workers,
      sessionTtlMs: config.sessionTtlMs,
      log,
    });
    this.agent = agent;
    const authenticator = new Authenticator(tokens ?? TokenStore.empty(), secrets.derive('members'));
    const isOpen = tokens === null && isLoopback(listeners.admin.host);
    const answers = adminAnswers(config.name, agent, isOpen, log);
    const admin = new ProxyAdminServer(listeners.admin, authenticator, answers, log);
    await parts.start([
      part('coordinator', coordinator),
      { name: 'secret key', start: () => agreeOnSecretKey(coordinator, secrets, log, parts.stopping) },
      part('admin', admin),
      {
        name: 'proxy',
        start: () => agent.start(formatAddress(admin.address)),
        stop: () => agent.stop(),
      },
    ]);
  }

  /** In the opposite order of the start, the coordinator last. Also ends a start that is under way. */
  async stop(): Promise<void> {
    await this.parts.stop();
  }
}

/** @param isOpen whether metrics are given to whoever can reach the address */
function adminAnswers(
  name: string,
  agent: ProxyAgent,
  isOpen: boolean,
  log: Logger,
): Record<string, AdminAnswer> {
  const metrics = new Metrics(trafficMetrics(() => [{ proxy: name, report: agent.traffic() }]));
  return {
    [`GET ${TRAFFIC_PATH}`]: { role: 'VIEWER', answer: () => toTraffic(agent) },
    [`GET ${DETAILS_PATH}`]: { role: 'VIEWER', answer: () => agent.details() },
    'GET /metrics': {
      role: 'VIEWER',
      isOpen,
      contentType: metrics.contentType,
      answer: () => metrics.text(),
    },
    ...proxyLogLevel(log),
  };
}
