import { createSchema } from '../api/schema.js';
import { collections } from '../cluster/records.js';
import { HttpServer } from '../http/server.js';
import { trafficMetrics } from '../redis/traffic-metrics.js';
import type { HostPort } from '../common/address.js';
import type { Logger } from '../telemetry/logger.js';
import { logLevelEndpoints } from './log-level.js';
import { answersOf } from './member-calls.js';
import type { MemberParts } from './member-parts.js';
import type { Parts } from './parts.js';

/** The API of a member. It says that the member is not ready until `parts` have started. */
export async function createMemberHttp(
  member: MemberParts,
  listen: HostPort,
  parts: Parts,
  log: Logger,
): Promise<HttpServer> {
  const { services, authenticator, tokens, leader } = member;
  const isMember = (): boolean => parts.hasStarted('admission');
  return new HttpServer({
    listen,
    schema: await createSchema(),
    services,
    authenticator,
    isLeader: () => leader.leadership !== undefined,
    hasTokens: tokens !== null,
    isMember,
    endpoints: [
      ...answersOf(services.binlog),
      ...logLevelEndpoints({
        log,
        authenticator,
        proxyNamed: (proxy) => services.topology.proxy(proxy)?.record.value,
      }),
    ],
    metrics: [...services.binlog.metrics(), ...trafficMetrics(() => services.proxyMonitor.reports())],
    notReady: () => notReady(member, parts),
    log,
  });
}

/** Why a member cannot work yet, or not any more, in words; empty when it can. */
function notReady(
  { id, admission, membership, keeper, view, services, embeddedProxy }: MemberParts,
  parts: Parts,
): string[] {
  const isIn = parts.hasStarted('admission');
  return [
    ...(isIn ? [] : [admission.waiting ?? 'not let into the cluster yet']),
    ...(isIn && membership.byId(id)?.role === 'LEARNER' ? ['catching up: it has no vote yet'] : []),
    ...(keeper.isAlive() ? [] : ['not in touch with the coordinator']),
    ...(view.get(collections.leadership, 'leader') ? [] : ['no member leads']),
    ...services.problems
      .list()
      .filter(({ code }) => code === 'COORDINATOR_READ_ONLY' || code === 'COORDINATOR_RESTORED')
      .map(({ message }) => message),
    ...(embeddedProxy && !parts.hasStarted('proxy') ? ['its proxy does not listen yet'] : []),
  ];
}
