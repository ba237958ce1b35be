import type { ProxyStats } from '../redis/proxy/stats.js';
import type { ProxyTraffic } from '../redis/topology/proxy-monitor.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import type { Authenticator } from '../http/authenticator.js';
import { MEMBER_CALLER } from '../http/proxy-admin.js';

const ASK_TIMEOUT_MS = 2_000;

/** What a proxy tells members about itself. */
export function toTraffic(stats: ProxyStats): ProxyTraffic {
  const measured = stats.latency.samples > 0n;
  return {
    sessions: stats.sessions.current,
    opsTotal: Number(stats.operations),
    errorsTotal: Number(stats.proxyErrors + stats.serverErrors),
    latencyP50: measured ? stats.latency.p50Ms : null,
    latencyP99: measured ? stats.latency.p99Ms : null,
  };
}

/** Asks a proxy process at its admin address. */
export async function askProxy(proxy: ProxyRecord, authenticator: Authenticator): Promise<ProxyTraffic> {
  if (proxy.adminAddress === null) throw new Error('This proxy runs inside another member.');
  const answer = await fetch(`http://${proxy.adminAddress}/stats`, {
    headers: { authorization: `Bearer ${await authenticator.signForwarded(MEMBER_CALLER)}` },
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`The proxy answered ${answer.status}.`);
  return (await answer.json()) as ProxyTraffic;
}
