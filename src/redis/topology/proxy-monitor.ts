import { EventEmitter } from 'node:events';
import { REFUSALS, type ErrorCounts } from '../error-kinds.js';
import type { TrafficReport } from '../traffic-report.js';
import type { ProxyRecord } from './records.js';
import type { Topology } from './topology.js';

/**
 * What a proxy tells about its traffic. Latencies are in milliseconds, of the last ten seconds, null without a request in
 * them; those of a proxy of version 0.1.0 are since its start.
 */
export interface ProxyTraffic {
  readonly sessions: number;
  readonly opsTotal: number;
  readonly errorsTotal: number;
  readonly latencyP50: number | null;
  readonly latencyP99: number | null;
  /** Undefined of a proxy of version 0.1.0. */
  readonly report?: TrafficReport;
}

export interface ProxyStatus extends ProxyTraffic {
  readonly opsPerSecond: number;
  readonly errorsPerSecond: number;
}

/** The last that a proxy has told, however long ago. */
export interface Heard {
  readonly report: TrafficReport;
  readonly at: Date;
  /** Whether it has not answered since. */
  readonly stale: boolean;
}

/** Asks one proxy for its traffic; rejects when it does not answer. */
export type AskProxy = (proxy: ProxyRecord) => Promise<ProxyTraffic>;

interface Sample {
  readonly status: ProxyStatus;
  readonly at: number;
}

const POLL_INTERVAL_MS = 1_000;

/** Asks every registered proxy once a second for its traffic and keeps the last answer. */
export class ProxyMonitor {
  private readonly samples = new Map<string, Sample>();
  private readonly heard = new Map<string, Omit<Heard, 'stale'>>();
  private readonly asking = new Set<string>();
  private readonly events = new EventEmitter();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly topology: Topology,
    private readonly ask: AskProxy,
  ) {
    this.events.setMaxListeners(0);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), POLL_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Undefined while the proxy does not answer. */
  status(name: string): ProxyStatus | undefined {
    return this.samples.get(name)?.status;
  }

  /** Undefined before its first answer. */
  lastHeard(name: string): Heard | undefined {
    const heard = this.heard.get(name);
    return heard && { ...heard, stale: !this.samples.has(name) };
  }

  /** What the proxies that answer tell now. */
  reports(): { readonly proxy: string; readonly report: TrafficReport }[] {
    return [...this.samples].flatMap(
      ([
        proxy,
        {
          status: { report },
        },
      ]) => (report ? [{ proxy, report }] : []),
    );
  }

  /**
   * How often each server refused what it should have served, by the first word of its errors, in the last ten seconds and
   * over all proxies that answer. Servers that refused nothing are left out.
   */
  refusals(): Map<string, ErrorCounts> {
    const refusals = new Map<string, ErrorCounts>();
    for (const { address, errors } of this.reports().flatMap(({ report }) => report.servers)) {
      for (const kind of REFUSALS) {
        const count = errors[kind] ?? 0;
        if (count === 0) continue;
        const counts = refusals.get(address) ?? {};
        refusals.set(address, { ...counts, [kind]: (counts[kind] ?? 0) + count });
      }
    }
    return refusals;
  }

  /** Called with a proxy's name whenever its answer is not what it was. */
  subscribe(listener: (name: string) => void): () => void {
    this.events.on('changed', listener);
    return () => this.events.off('changed', listener);
  }

  private tick(): void {
    const proxies = this.topology.proxies().map(({ record }) => record.value);
    const names = new Set(proxies.map((proxy) => proxy.name));
    for (const known of [this.samples, this.heard]) {
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    }
    for (const proxy of proxies) if (!this.asking.has(proxy.name)) void this.look(proxy);
  }

  private async look(proxy: ProxyRecord): Promise<void> {
    const before = this.samples.get(proxy.name);
    this.asking.add(proxy.name);
    try {
      const traffic = await this.ask(proxy);
      const at = performance.now();
      const rate = (of: 'opsTotal' | 'errorsTotal'): number => {
        // A proxy that was started anew counts from its beginning.
        if (!before || traffic[of] < before.status[of]) return 0;
        return ((traffic[of] - before.status[of]) * 1_000) / Math.max(1, at - before.at);
      };
      const opsPerSecond = Math.round(rate('opsTotal'));
      const errorsPerSecond = rate('errorsTotal');
      this.samples.set(proxy.name, { status: { ...traffic, opsPerSecond, errorsPerSecond }, at });
      if (traffic.report) this.heard.set(proxy.name, { report: traffic.report, at: new Date() });
    } catch {
      this.samples.delete(proxy.name);
    } finally {
      this.asking.delete(proxy.name);
    }
    const after = this.samples.get(proxy.name);
    if (JSON.stringify(shown(before)) !== JSON.stringify(shown(after)))
      this.events.emit('changed', proxy.name);
  }
}

/** Without the report, which changes every second even when nothing happens: its windows move on. */
function shown(sample: Sample | undefined): object | undefined {
  return sample && { ...sample.status, report: undefined };
}
