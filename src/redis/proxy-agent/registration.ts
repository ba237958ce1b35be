import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { formatAddress } from '../../common/address.js';
import { delay } from '../../common/async.js';
import { FEATURE_LEVEL, VERSION } from '../../common/version.js';
import { actionWrite } from '../../cluster/action-write.js';
import { NameInUseError } from '../../cluster/member.js';
import type { Coordinator, Session, WriteOperation } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { topologyCollections as collections, type ProxyRecord } from '../topology/records.js';
import type { Topology } from '../topology/topology.js';
import type { ProxyAgentOptions } from './agent-options.js';

/** This process as a proxy of the cluster, as it has just been started; members cannot ask it yet. */
export function proxyRecord(options: ProxyAgentOptions): ProxyRecord {
  const { name, listen, dataCenter, workers } = options;
  const now = new Date().toISOString();
  // Clients elsewhere cannot connect to "any address".
  const host = /^(0\.0\.0\.0|::)$/.test(listen.host) ? hostname() : listen.host;
  return {
    name,
    incarnation: randomUUID().slice(0, 8),
    address: formatAddress({ ...listen, host }),
    adminAddress: null,
    state: 'ONLINE',
    pid: process.pid,
    hostName: hostname(),
    dataCenter,
    version: VERSION,
    featureLevel: FEATURE_LEVEL,
    workers,
    startedAt: now,
    lastEvent: 'started',
    lastEventAt: now,
  };
}

export interface Registered {
  /**
   * From this revision on the proxy counts in every barrier; it must know a state at least this new before
   * it serves or opens a connection.
   */
  readonly revision: bigint;
  /** Whether an earlier process of the name ended without taking its leave: its commands may still arrive. */
  readonly succeedsLostProcess: boolean;
}

/**
 * Writes a proxy's record and, under the session, that it is alive. What an operator asked of the name
 * (OFFLINE, FENCED) outlives restarts of the process.
 */
export async function registerProxy(
  coordinator: Coordinator,
  self: ProxyRecord,
  session: Session,
  log: Logger,
  signal: AbortSignal,
): Promise<Registered> {
  const recordKey = collections.proxies.key(self.name);
  const sessionKey = collections.proxySessions.key(self.name);
  const deadline = performance.now() + 2 * session.ttlMs + 1_000;
  for (;;) {
    const [existing, holder] = await Promise.all([
      coordinator.get(recordKey, { signal }),
      coordinator.get(sessionKey, { signal }),
    ]);
    const other = holder && collections.proxySessions.decode(sessionKey, holder.value);
    const before = existing && collections.proxies.decode(recordKey, existing.value);
    if (other && other.incarnation !== self.incarnation) {
      if (performance.now() > deadline) {
        throw new NameInUseError(
          'proxy',
          self.name,
          before ? `${before.hostName}, process ${before.pid}` : 'elsewhere',
        );
      }
      log.info({ name: self.name }, 'Waiting for the session of the previous process of this name to end');
      await delay(Math.min(500, session.ttlMs / 4), signal);
      continue;
    }
    const record = { ...self, state: carriedOver(before?.state) };
    const result = await coordinator.commit({
      conditions: [
        { key: recordKey, modRevision: existing?.modRevision ?? 0n },
        { key: sessionKey, modRevision: holder?.modRevision ?? 0n },
      ],
      operations: [
        { put: recordKey, value: collections.proxies.encode(record) },
        {
          put: sessionKey,
          value: collections.proxySessions.encode({ incarnation: self.incarnation, ttlMs: session.ttlMs }),
          session,
        },
        announce(self, before?.incarnation === self.incarnation ? 'is in touch again' : 'has started'),
      ],
    });
    if (!result.committed) continue;
    const lost = before !== undefined && before.incarnation !== self.incarnation;
    const mayHaveCommands = before?.state === 'ONLINE' || before?.state === 'MARK_OFFLINE';
    return { revision: result.revision, succeedsLostProcess: lost && mayHaveCommands };
  }
}

/** Takes a proxy that has closed all its connections out of the cluster, if it is still this process. */
export async function unregisterProxy(coordinator: Coordinator, self: ProxyRecord): Promise<void> {
  const recordKey = collections.proxies.key(self.name);
  for (;;) {
    const existing = await coordinator.get(recordKey);
    if (!existing || collections.proxies.decode(recordKey, existing.value).incarnation !== self.incarnation)
      return;
    const result = await coordinator.commit({
      conditions: [{ key: recordKey, modRevision: existing.modRevision }],
      operations: [{ delete: recordKey }, announce(self, 'has stopped')],
    });
    if (result.committed) return;
  }
}

/** Says that a proxy that was asked to stop serving has, which lets barriers do without it. */
export async function confirmOffline(
  coordinator: Coordinator,
  self: ProxyRecord,
  topology: Topology,
): Promise<void> {
  const record = topology.proxy(self.name)?.record;
  if (record?.value.state !== 'MARK_OFFLINE' || record.value.incarnation !== self.incarnation) return;
  const lastEventAt = new Date().toISOString();
  const stopped: ProxyRecord = {
    ...record.value,
    state: 'OFFLINE',
    lastEvent: 'stopped serving',
    lastEventAt,
  };
  await coordinator.commit({
    conditions: [{ key: collections.proxies.key(record.id), modRevision: record.revision }],
    operations: [
      { put: collections.proxies.key(record.id), value: collections.proxies.encode(stopped) },
      announce(self, 'has stopped serving'),
    ],
  });
}

function announce(self: ProxyRecord, event: string): WriteOperation {
  const who = `proxy/${self.name}`;
  const description = `Proxy ${self.name} ${event} (${self.address})`;
  return actionWrite(randomUUID(), { type: 'PROXY_CHANGED', description, actor: who, target: who }, who);
}

/** A proxy that was being stopped when its process ended has stopped. */
function carriedOver(state: ProxyRecord['state'] | undefined): ProxyRecord['state'] {
  return state === undefined ? 'ONLINE' : state === 'MARK_OFFLINE' ? 'OFFLINE' : state;
}
