import { EventEmitter } from 'node:events';
import type { ProxyRecord } from './records.js';
import type { Topology } from './topology.js';

/** What a proxy tells about its traffic. Latencies are in milliseconds, null before the first request. */
export interface ProxyTraffic {
  readonly sessions: number;
  readonly opsTotal: number;
  readonly errorsTotal: number;
  readonly latencyP50: number | null;
  readonly latencyP99: number | null;
}

export interface ProxyStatus extends ProxyTraffic {
  readonly opsPerSecond: number;
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

  /** Called with a proxy's name whenever its answer is not what it was. */
  subscribe(listener: (name: string) => void): () => void {
    this.events.on('changed', listener);
    return () => this.events.off('changed', listener);
  }

  private tick(): void {
    const proxies = this.topology.proxies().map(({ record }) => record.value);
    const names = new Set(proxies.map((proxy) => proxy.name));
    for (const name of this.samples.keys()) if (!names.has(name)) this.samples.delete(name);
    for (const proxy of proxies) if (!this.asking.has(proxy.name)) void this.look(proxy);
  }

  private async look(proxy: ProxyRecord): Promise<void> {
    const before = this.samples.get(proxy.name);
    this.asking.add(proxy.name);
    try {
      const traffic = await this.ask(proxy);
      const at = performance.now();
      const ops =
        before && traffic.opsTotal >= before.status.opsTotal ? traffic.opsTotal - before.status.opsTotal : 0;
      const opsPerSecond = before ? Math.round((ops * 1_000) / Math.max(1, at - before.at)) : 0;
      this.samples.set(proxy.name, { status: { ...traffic, opsPerSecond }, at });
    } catch {
      this.samples.delete(proxy.name);
    } finally {
      this.asking.delete(proxy.name);
    }
    const after = this.samples.get(proxy.name);
    if (JSON.stringify(before?.status) !== JSON.stringify(after?.status))
      this.events.emit('changed', proxy.name);
  }
}
