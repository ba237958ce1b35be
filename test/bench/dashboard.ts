import { Etcd3 } from 'etcd3';
import type { Browser } from 'playwright-core';
import {
  SLOTS_PER_RECORD,
  topologyCollections as collections,
  type SlotsRecord,
} from '../../src/redis/topology/records.js';
import { chunkId } from '../../src/redis/topology/topology.js';
import buildPages from '../harness/servers/build-pages.js';
import buildProgram from '../harness/servers/build.js';
import { startBrowser } from '../harness/servers/browser.js';
import { Dashboard } from '../harness/servers/dashboard.js';
import { startShardedRedis, type ShardedRedis } from '../harness/servers/sharded-redis.js';
import { cpuSeconds } from './cpu.js';

const PROXIES = 100;
const SLOTS = 1_024;
/** Not two: after two rounds a slot would look as before, and nothing would be drawn. */
const GROUPS = 3;
const CHANGES_PER_SECOND = 10;
const SECONDS = 20;
const SETTLE_SECONDS = 5;
const ROOT = '/quorate/default/';

interface Redraws {
  readonly proxy: number;
  readonly slot: number;
}

/** A page that is not let run costs little: how often it shows something new belongs to the figure. */
const COUNT_REDRAWS = `
  window.redraws = { proxy: 0, slot: 0 };
  const count = (selector, kind) =>
    new MutationObserver(() => window.redraws[kind]++).observe(document.querySelector(selector), {
      ...{ subtree: true, childList: true, characterData: true, attributes: true },
    });
  count('tr[id="proxy/storm0"]', 'proxy');
  count('.slot-row', 'slot');
`;

/** What the Redis page costs Chromium while everything that it shows changes ten times a second. */
export async function dashboardBenchmark(): Promise<void> {
  await buildProgram();
  await buildPages();
  const cluster = await startShardedRedis({ groups: GROUPS, proxies: 0 });
  const browser = await startBrowser();
  const storm = new Storm(cluster);
  try {
    await storm.begin();
    const dashboard = await Dashboard.open(browser, cluster.members[0]!.url);
    await dashboard.go('redis');
    await dashboard.page.locator('tr[id="proxy/storm99"]').waitFor();
    const idle = await measure(browser, cluster);
    const writing = storm.run();
    await pause(SETTLE_SECONDS);
    await dashboard.page.evaluate(COUNT_REDRAWS);
    const before = storm.rounds;
    const busy = await measure(browser, cluster);
    const rounds = (storm.rounds - before) / SECONDS;
    const redraws: Redraws = await dashboard.page.evaluate('window.redraws');
    storm.end();
    await writing;
    const result = {
      proxies: PROXIES,
      slots: SLOTS,
      'changes of each a second': round(rounds),
      'redraws of a proxy a second': round(redraws.proxy / SECONDS),
      'redraws of a slot a second': round(redraws.slot / SECONDS),
      'renderer CPU % of a core': busy.renderer,
      'renderer CPU % when nothing changes': idle.renderer,
      'other processes of Chromium CPU %': busy.others,
      'member CPU %': busy.member,
    };
    console.log(
      `Written to etcd by this benchmark: the records of ${PROXIES} proxies, which are not processes, and then, ` +
        `${CHANGES_PER_SECOND} times a second, what each of them has applied, and another group for every slot.`,
    );
    console.table(result);
    console.log(JSON.stringify({ benchmark: 'dashboard', ...result }));
  } finally {
    storm.end();
    await browser.close();
    await cluster.stop();
  }
}

/** Proxies and slots that never rest. */
class Storm {
  rounds = 0;
  private readonly client: Etcd3;
  private readonly names = Array.from({ length: PROXIES }, (_, index) => `storm${index}`);
  private ended = false;

  constructor(cluster: ShardedRedis) {
    this.client = new Etcd3({ hosts: [...cluster.etcd.endpoints] });
  }

  /** Registers the proxies. */
  async begin(): Promise<void> {
    const now = new Date().toISOString();
    const incarnation = 'storm';
    for (const [index, name] of this.names.entries()) {
      const record = collections.proxies.encode({
        ...{ name, incarnation, address: `10.0.0.${index}:19000`, adminAddress: null, state: 'ONLINE' },
        ...{
          pid: 1,
          workers: 1,
          hostName: 'storm',
          dataCenter: null,
          featureLevel: 2,
          version: '0',
          startedAt: now,
        },
        ...{ lastEvent: 'It has started', lastEventAt: now },
      });
      const session = collections.proxySessions.encode({ incarnation, ttlMs: 600_000 });
      await this.client.put(ROOT + collections.proxySessions.key(name)).value(session);
      await this.client.put(ROOT + collections.proxies.key(name)).value(record);
    }
  }

  async run(): Promise<void> {
    const startedAt = performance.now();
    while (!this.ended) {
      const due = startedAt + (this.rounds * 1_000) / CHANGES_PER_SECOND;
      if (performance.now() < due) await pause((due - performance.now()) / 1_000);
      await Promise.all([this.changeProxies(), this.changeSlots()]);
      this.rounds++;
    }
    this.client.close();
  }

  end(): void {
    this.ended = true;
  }

  private async changeProxies(): Promise<void> {
    const ack = { incarnation: 'storm', revision: String(this.rounds), waitingFor: null, listening: true };
    const value = collections.proxyAcks.encode(ack);
    const puts = this.names.map((name) =>
      this.client.put(ROOT + collections.proxyAcks.key(name)).value(value),
    );
    await this.client
      .if('none', 'Create', '==', 0)
      .then(...puts)
      .commit();
  }

  private async changeSlots(): Promise<void> {
    const changedAt = new Date().toISOString();
    const group = 1 + (this.rounds % GROUPS);
    const slot = { status: 'ONLINE', group, targetGroup: null, operation: null, changedAt } as const;
    const record: SlotsRecord = { slots: Array.from({ length: SLOTS_PER_RECORD }, () => slot) };
    const value = collections.slots.encode(record);
    const puts = Array.from({ length: SLOTS / SLOTS_PER_RECORD }, (_, index) =>
      this.client.put(ROOT + collections.slots.key(chunkId(index * SLOTS_PER_RECORD))).value(value),
    );
    await this.client
      .if('none', 'Create', '==', 0)
      .then(...puts)
      .commit();
  }
}

/** Shares of a core over some seconds, in per cent. */
async function measure(browser: Browser, { members }: ShardedRedis) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pids = {
    renderer: processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id),
    others: processInfo.filter(({ type }) => type !== 'renderer').map(({ id }) => id),
    member: [members[0]!.process.pid],
  };
  const spent = (of: readonly number[]): number => of.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const used = (): number[] => Object.values(pids).map(spent);
  const [startedAt, before] = [performance.now(), used()];
  await pause(SECONDS);
  const [seconds, after] = [(performance.now() - startedAt) / 1_000, used()];
  const [renderer, others, member] = after.map((value, index) =>
    round((100 * (value - before[index]!)) / seconds),
  );
  return { renderer, others, member };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
