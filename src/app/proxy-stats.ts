import type { ProxyDetails } from '../redis/proxy-agent/details.js';
import type { ProxyAgent } from '../redis/proxy-agent/agent.js';
import { LatencyHistogram } from '../redis/latency-histogram.js';
import type { ProxyTraffic } from '../redis/topology/proxy-monitor.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import type { Authenticator } from '../http/authenticator.js';
import { MEMBER_CALLER } from '../http/proxy-admin.js';

const ASK_TIMEOUT_MS = 2_000;

/** Where a proxy process answers members. */
export const TRAFFIC_PATH = '/stats';
export const DETAILS_PATH = '/details';

/** What a proxy tells members about itself. */
export function toTraffic(agent: ProxyAgent): ProxyTraffic {
  const stats = agent.stats();
  const report = agent.traffic();
  const { latency, latencyMs } = report.windows.SECONDS_10;
  const histogram = LatencyHistogram.from(latency, latencyMs);
  return {
    sessions: stats.sessions.current,
    opsTotal: Number(stats.operations),
    errorsTotal: Number(stats.proxyErrors + stats.serverErrors),
    latencyP50: latency.length > 0 ? histogram.percentile(0.5) : null,
    latencyP99: latency.length > 0 ? histogram.percentile(0.99) : null,
    report,
  };
}

/** Asks a proxy process at its admin address for its traffic. */
export async function askProxy(proxy: ProxyRecord, authenticator: Authenticator): Promise<ProxyTraffic> {
  return (await ask(proxy, TRAFFIC_PATH, authenticator)) as ProxyTraffic;
}

/** And for everything else that it knows about itself. */
export async function askProxyDetails(
  proxy: ProxyRecord,
  authenticator: Authenticator,
): Promise<ProxyDetails> {
  return (await ask(proxy, DETAILS_PATH, authenticator)) as ProxyDetails;
}

async function ask(proxy: ProxyRecord, path: string, authenticator: Authenticator): Promise<unknown> {
  if (proxy.adminAddress === null) throw new Error('This proxy runs inside another member.');
  const answer = await fetch(`http://${proxy.adminAddress}${path}`, {
    headers: { authorization: `Bearer ${await authenticator.signForwarded(MEMBER_CALLER)}` },
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`The proxy answered ${answer.status}.`);
  return answer.json();
}
