import { refuse } from '../../common/refused.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import type { Condition } from '../../coordinator/types.js';
import { PROXY_PREFIX } from '../connection-names.js';
import { killEverywhere } from './fencing.js';
import { topologyCollections as collections, type ProxyRecord } from './records.js';
import type { RegisteredProxy, Topology } from './topology.js';

/** How long a proxy that is in touch may take to stop serving, in milliseconds. */
const STOP_TIMEOUT_MS = 15_000;

/** How much longer than its time to live a session may be seen here, in milliseconds. */
const EXPIRY_MARGIN_MS = 2_000;

/** Changes of registered proxies on behalf of an operator. */
export class ProxyChanges {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
  ) {}

  /** Lets a proxy serve again that was stopped or fenced. */
  bringOnline(name: string, actor: string): Promise<Proposed | null> {
    return this.write(name, 'ONLINE', 'asked to serve', actor);
  }

  /** Asks a proxy to stop serving, without waiting until it has. */
  markOffline(name: string, actor: string): Promise<Proposed | null> {
    return this.write(name, 'MARK_OFFLINE', 'asked to stop serving', actor);
  }

  /** Asks a proxy to stop serving and waits until it has closed its connections and said so. */
  async takeOffline(name: string, actor: string): Promise<Proposed | null> {
    const asked = await this.markOffline(name, actor);
    const stopped = (): boolean => {
      const state = this.topology.proxy(name)?.record.value.state;
      return state === undefined || state === 'OFFLINE' || state === 'FENCED';
    };
    const settled = (): boolean => stopped() || this.topology.proxy(name)?.alive !== true;
    await this.topology.view.until(settled, AbortSignal.timeout(STOP_TIMEOUT_MS)).catch(() => undefined);
    if (!stopped()) {
      refuse(
        'TIMEOUT',
        'name',
        `Proxy ${name} was asked to stop serving and has not confirmed it. If it is gone, fence it: state FENCED, or ` +
          'removeProxy with force.',
      );
    }
    return asked;
  }

  /**
   * Cuts a proxy off from every server. It must have lost its session, so that it opens no connection any
   * more; one that is still seen alive may have hung since its last sign of life, so that is waited for as
   * long as its session can last then.
   *
   * @param acceptDataLoss whether servers that cannot be asked are left out, although what the proxy still changes there
   *   may be read by nobody, or by its own clients alone
   */
  async fence(name: string, actor: string, acceptDataLoss = false): Promise<Proposed | null> {
    const { sessionTtlMs } = this.require(name);
    const silent = (): boolean => this.topology.proxy(name)?.alive !== true;
    try {
      await this.topology.view.until(silent, AbortSignal.timeout(sessionTtlMs + EXPIRY_MARGIN_MS));
    } catch {
      refuse(
        'PRECONDITION_FAILED',
        'name',
        `Proxy ${name} is alive and in touch with the coordinator: ask it to stop (state OFFLINE) instead of fencing it.`,
      );
    }
    const servers = this.topology.endpoints();
    const failures = await killEverywhere(servers, (connection) =>
      connection.startsWith(`${PROXY_PREFIX}${name}:`),
    );
    const withSlots = this.topology.serversWithSlots();
    const unasked = [...failures].filter(([address]) => withSlots.has(address));
    if (unasked.length > 0 && !acceptDataLoss) {
      const list = unasked.map(([, why]) => why).join('; ');
      refuse(
        'UNREACHABLE',
        'name',
        `Proxy ${name} cannot be fenced for certain, because these servers cannot be asked whether it is still connected: ` +
          `${list}. Bring them back, or end the proxy's process for certain and use removeProxy with force and ` +
          'acceptDataLoss: what it still changes there is lost.',
      );
    }
    // Not if it has registered anew meanwhile: then it may have opened connections after the cut.
    const without = { key: collections.proxySessions.key(name), modRevision: 0n };
    const but = unasked.length === 0 ? '' : ` but ${unasked.map(([address]) => address).join(', ')}`;
    const what = `fenced: its connections on every server${but} were cut`;
    return this.write(name, 'FENCED', what, actor, [without]);
  }

  /** Stops it first; with force fences it, whether it answers or not. Then forgets it. */
  async remove(
    name: string,
    { force, acceptDataLoss }: { readonly force: boolean; readonly acceptDataLoss: boolean },
    actor: string,
  ): Promise<Proposed | null> {
    const proxy = this.require(name);
    const { state } = proxy.record.value;
    if (state === 'ONLINE' || state === 'MARK_OFFLINE') {
      if (proxy.alive)
        await this.takeOffline(name, actor).catch((error: unknown) => this.unless(force, error));
      const left = this.topology.proxy(name)?.record.value.state;
      if (left === 'ONLINE' || left === 'MARK_OFFLINE') {
        if (!force) {
          refuse(
            'PRECONDITION_FAILED',
            'force',
            `Proxy ${name} has no session, but may still serve clients. With force it is fenced first.`,
          );
        }
        await this.fence(name, actor, acceptDataLoss);
      }
    }
    return this.proposals.run(() => {
      const current = this.topology.proxy(name);
      if (!current) return null;
      const { value, revision } = current.record;
      if (value.state !== 'OFFLINE' && value.state !== 'FENCED') {
        refuse('CONFLICT', 'name', `Proxy ${name} came back meanwhile (${value.state}); try again.`);
      }
      return {
        conditions: [{ key: collections.proxies.key(name), modRevision: revision }],
        operations: [{ delete: collections.proxies.key(name) }],
        action: {
          type: 'PROXY_CHANGED',
          description: `Removed proxy ${name}`,
          target: `proxy/${name}`,
          actor,
        },
      };
    });
  }

  private unless(force: boolean, error: unknown): null {
    if (!force) throw error;
    return null;
  }

  private write(
    name: string,
    state: ProxyRecord['state'],
    what: string,
    actor: string,
    conditions: readonly Condition[] = [],
  ): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const proxy = this.require(name);
      const { value, revision } = proxy.record;
      if (conditions.length > 0 && proxy.alive) {
        refuse('CONFLICT', 'name', `Proxy ${name} came back meanwhile; look again and repeat.`);
      }
      if (value.state === state) return null;
      if (state === 'MARK_OFFLINE' && value.state !== 'ONLINE') return null;
      const record: ProxyRecord = { ...value, state, lastEvent: what, lastEventAt: new Date().toISOString() };
      return {
        conditions: [{ key: collections.proxies.key(name), modRevision: revision }, ...conditions],
        operations: [{ put: collections.proxies.key(name), value: collections.proxies.encode(record) }],
        action: {
          type: 'PROXY_CHANGED',
          description: `Proxy ${name}: ${what}`,
          target: `proxy/${name}`,
          actor,
          receivers: [name],
        },
      };
    });
  }

  private require(name: string): RegisteredProxy {
    return this.topology.proxy(name) ?? refuse('NOT_FOUND', 'name', `There is no proxy ${name}.`);
  }
}
