import { formatAddress } from '../common/address.js';
import type { SecretBox } from '../common/secret-box.js';
import { LeaderRuntime } from '../cluster/leader-runtime.js';
import { describeThisProcess, registerMember } from '../cluster/member.js';
import { Admission } from '../cluster/membership/admission.js';
import { IdentityFile } from '../cluster/membership/identity-file.js';
import { MembershipView } from '../cluster/membership/membership-view.js';
import { Proposals } from '../cluster/proposals.js';
import { SessionKeeper } from '../cluster/session-keeper.js';
import type { StateView } from '../cluster/view.js';
import type { ServeConfig } from '../config/options.js';
import type { Coordinator } from '../coordinator/index.js';
import type { Services } from '../api/context.js';
import { Authenticator } from '../http/authenticator.js';
import type { TokenStore } from '../http/tokens.js';
import { ProxyAgent } from '../redis/proxy-agent/agent.js';
import type { Logger } from '../telemetry/logger.js';
import type { MemberListeners } from './listeners.js';
import { createServices, createView } from './member-services.js';
import { Peers } from './peers.js';
import { createCoordinator, createTokens, loadSecrets, proxyLimits, proxyPassword } from './wiring.js';

/** Everything of one member, built and not started. */
export interface MemberParts {
  readonly name: string;
  /** From the data directory: no other member has it. */
  readonly id: string;
  readonly incarnation: string;
  readonly secrets: SecretBox;
  /** Null: this member is open to this machine only. */
  readonly tokens: TokenStore | null;
  readonly authenticator: Authenticator;
  readonly coordinator: Coordinator;
  readonly view: StateView;
  readonly membership: MembershipView;
  readonly peers: Peers;
  readonly admission: Admission;
  readonly keeper: SessionKeeper;
  readonly leader: LeaderRuntime;
  readonly services: Services;
  /** The proxy in this process; null without one. */
  readonly embeddedProxy: ProxyAgent | null;
}

/**
 * Builds a member. Nothing runs yet; its data directory has an identity and a secret key from now on.
 *
 * @throws QuorateError when its settings or its data directory are no good
 */
export async function buildMember(
  config: ServeConfig,
  listeners: MemberListeners,
  log: Logger,
): Promise<MemberParts> {
  const { name } = config;
  const tokens = createTokens(config, log);
  const secrets = loadSecrets(config, true);
  const file = new IdentityFile(config.dataDir);
  const identity = await file.open(config.cluster, name);
  const { id } = identity;

  const coordinator = createCoordinator(config);
  const authenticator = new Authenticator(tokens, secrets.derive('members'));
  const view = createView(coordinator, log);
  const membership = new MembershipView(view);
  const proposals = new Proposals(coordinator, view, name);
  const peers = new Peers({ config, id, secrets, membership, log });
  const adminUrls = [config.advertise ?? `http://${formatAddress(listeners.api)}`];
  const admission = new Admission({
    ...{ identity, file, membership, proposals, name, adminUrls, log },
    peerUrls: () => peers.urls,
    joins: config.join,
  });

  const self = describeThisProcess(name);
  const keeper = new SessionKeeper(
    coordinator,
    config.sessionTtlMs,
    (session, signal) =>
      registerMember(coordinator, { ...self, adminUrls, peerUrls: peers.urls }, session, log, signal),
    log,
  );
  const holder = { member: name, incarnation: self.incarnation };
  const leader = new LeaderRuntime(coordinator, holder, keeper, proposals, log);
  const embeddedProxy =
    listeners.proxy === null
      ? null
      : new ProxyAgent({
          coordinator,
          secrets,
          name,
          listen: listeners.proxy,
          dataCenter: config.dataCenter ?? null,
          password: proxyPassword(config),
          limits: proxyLimits(config),
          workers: 1,
          sessionTtlMs: config.sessionTtlMs,
          log: log.child({ part: 'proxy' }),
        });
  const services = createServices(config, {
    ...{
      self: { name, id },
      coordinator,
      view,
      secrets,
      authenticator,
      tokens,
      proposals,
      membership,
      peers,
    },
    ...{ leader, embeddedProxy, log },
  });
  return {
    ...{ name, id, incarnation: self.incarnation, secrets, tokens, authenticator, coordinator, view },
    ...{ membership, peers, admission, keeper, leader, services, embeddedProxy },
  };
}
