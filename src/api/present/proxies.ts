import type { Proposed } from '../../cluster/proposals.js';
import type { ProxyDetails } from '../../redis/proxy-agent/details.js';
import { isStarting, type RegisteredProxy } from '../../redis/topology/topology.js';
import type { Services } from '../context.js';
import type { ProxyChange } from '../types/payloads/proxies.js';
import type { ProxyStatistics } from '../types/proxy-details.js';
import { Proxy, type ProxyState } from '../types/proxy.js';
import { presentChange } from './payload.js';

export function presentProxy(proxy: RegisteredProxy, services: Services): Proxy {
  const { value, revision } = proxy.record;
  const traffic = services.proxyMonitor.status(value.name);
  return Object.assign(new Proxy(), {
    id: `proxy/${value.name}`,
    name: value.name,
    address: value.address,
    adminAddress: value.adminAddress,
    state: proxyState(proxy),
    appliedRevision: proxy.ack ? BigInt(proxy.ack.revision) : null,
    lastEvent: value.lastEvent,
    lastEventAt: new Date(value.lastEventAt),
    startedAt: new Date(value.startedAt),
    pid: value.pid,
    workers: value.workers,
    hostName: value.hostName,
    dataCenter: value.dataCenter,
    version: value.version,
    sessions: traffic?.sessions ?? null,
    opsTotal: traffic?.opsTotal ?? null,
    opsPerSecond: traffic?.opsPerSecond ?? null,
    errorsTotal: traffic?.errorsTotal ?? null,
    errorsPerSecond: traffic?.errorsPerSecond ?? null,
    latencyP50: traffic?.latencyP50 ?? null,
    latencyP99: traffic?.latencyP99 ?? null,
    revision,
  } satisfies Proxy);
}

/** Null when no proxy of that name is registered. */
export function presentProxyNamed(name: string, services: Services): Proxy | null {
  const proxy = services.topology.proxy(name);
  return proxy ? presentProxy(proxy, services) : null;
}

export function presentProxyStatistics(details: ProxyDetails): ProxyStatistics {
  return {
    ...details,
    slowLog: details.slowLog.map((request) => ({ ...request, at: new Date(request.at) })),
  };
}

export function presentProxyChange(proposed: Proposed | null, name: string, services: Services): ProxyChange {
  return presentChange(proposed, { proxy: presentProxyNamed(name, services) });
}

function proxyState(proxy: RegisteredProxy): ProxyState {
  const { state } = proxy.record.value;
  if (!proxy.alive && (state === 'ONLINE' || state === 'MARK_OFFLINE')) return 'UNREACHABLE';
  return isStarting(proxy) ? 'STARTING' : state;
}
