import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import type { RespClient } from '../../harness/servers/redis-client.js';
import { moveKeys } from '../../harness/servers/redis-mover.js';
import { keysWhere, moving, online, TestProxy } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

const CLIENTS = 16;
const ROUNDS = 6;
const MOVED_SLOTS = new Set(Array.from({ length: 64 }, (_, i) => i * 16));

/** A client with keys of its own, who knows what each must be. */
class Checker {
  readonly problems: string[] = [];
  operations = 0;
  private readonly counters = new Map<string, number>();
  private readonly keys: string[];
  private stopped = false;

  constructor(
    private readonly client: RespClient,
    private readonly seed: number,
  ) {
    const own = (moved: boolean): string[] =>
      keysWhere(12, (slot) => MOVED_SLOTS.has(slot) === moved, `c${seed}:`);
    this.keys = [...own(true), ...own(false)];
  }

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<void> {
    let state = this.seed + 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    while (!this.stopped) {
      const key = this.keys[random(this.keys.length)]!;
      switch (random(5)) {
        case 0:
        case 1:
          await this.expectReply(`:${this.bump(key)}`, 'INCR', key);
          break;
        case 2:
          await this.expectReply(bulk(this.counters.get(key)), 'GET', key);
          break;
        case 3: {
          const chosen = [key, this.keys[random(this.keys.length)]!, this.keys[random(this.keys.length)]!];
          const values = chosen.map((each) => bulk(this.counters.get(each)));
          await this.expectReply(`*3\r\n${values.join('\r\n')}`, 'MGET', ...chosen);
          break;
        }
        default:
          await this.pipeline(key, this.keys[random(this.keys.length)]!);
      }
    }
  }

  /** Several requests at once: their replies must come in their order. */
  private async pipeline(first: string, second: string): Promise<void> {
    const requests = [first, second, first, second].map(
      (key) => [`:${this.bump(key)}`, 'INCR', key] as const,
    );
    await Promise.all(requests.map(([reply, ...words]) => this.expectReply(reply, ...words)));
  }

  private bump(key: string): number {
    const next = (this.counters.get(key) ?? 0) + 1;
    this.counters.set(key, next);
    return next;
  }

  private async expectReply(expected: string, ...words: string[]): Promise<void> {
    const actual = await this.client.ask(...words);
    this.operations += 1;
    if (actual !== expected) this.problems.push(`${words.join(' ')}: ${actual} instead of ${expected}`);
  }
}

function bulk(value: number | undefined): string {
  return value === undefined ? '$-1' : `$${String(value).length}\r\n${value}`;
}

describe.each([{ password: undefined }, { password: 'secret' }])(
  'clients that work while slots move (password: $password)',
  ({ password }) => {
    let a: RedisServer;
    let b: RedisServer;
    let proxies: TestProxy[];

    beforeAll(async () => {
      const options = password === undefined ? {} : { password };
      [a, b] = await Promise.all([RedisServer.start(options), RedisServer.start(options)]);
      proxies = await Promise.all([TestProxy.start(), TestProxy.start()]);
      for (const proxy of proxies) proxy.apply((slot) => online(slot % 2 === 0 ? a : b));
    });

    afterAll(async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await Promise.all([a.stop(), b.stop()]);
    });

    /** Applies a route of the moved slots at all proxies and waits until all have acknowledged it. */
    async function barrier(route: Parameters<TestProxy['applyFor']>[1]): Promise<void> {
      const change = (slot: number) => (MOVED_SLOTS.has(slot) ? route : undefined);
      await Promise.all(proxies.map((proxy) => proxy.applied(proxy.apply(change))));
    }

    it(`never get a wrong or failed reply, over ${ROUNDS} moves of ${MOVED_SLOTS.size} slots`, async () => {
      const checkers = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, i) => new Checker(await proxies[i % 2]!.client(), i)),
      );
      const work = Promise.all(checkers.map((checker) => checker.run()));
      const total = (): number => checkers.reduce((sum, checker) => sum + checker.operations, 0);
      const after = async (operations: number): Promise<void> => {
        const goal = total() + operations;
        while (total() < goal) await new Promise((resolve) => setImmediate(resolve));
      };
      let [from, to] = [a, b];
      for (let round = 0; round < ROUNDS; round++) {
        await after(1000);
        await barrier(moving('PRE_MIGRATE', from, to));
        await barrier(moving('MIGRATE', from, to));
        await after(500);
        await moveKeys(from, to, MOVED_SLOTS);
        await after(200);
        await barrier(online(to));
        [from, to] = [to, from];
      }
      for (const checker of checkers) checker.stop();
      await work;
      expect(checkers.flatMap((checker) => checker.problems)).toEqual([]);
      for (const [server, holds] of [
        [from, true],
        [to, false],
      ] as const) {
        const client = await server.client();
        const keys = (await client.ask('KEYS', '*')).split('\r\n').filter((line) => line.startsWith('c'));
        expect(keys.some((key) => MOVED_SLOTS.has(slotOfKey(key)))).toBe(holds);
      }
    });
  },
);
