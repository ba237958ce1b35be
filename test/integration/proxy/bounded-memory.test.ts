import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { command, RespClient } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';

/** What is pushed at a client or a server that does not take it. */
const PUSHED_BYTES = Number(process.env['QUORATE_PUSHED_BYTES'] ?? 2 ** 30);
/**
 * What it may cost the proxy meanwhile, whatever is pushed: what was read and is done with is given back when
 * the collector comes to it, which on a busy machine is late. Four times as much pushed costs no more.
 */
const GROWTH_BYTES = 256 * 2 ** 20;
const PIECE = Buffer.alloc(2 ** 20, 'x');
const MINUTE = 60_000;

let member: QuorateMember;
let servers: RedisServer[];

/** Each of two groups has half of the slots. */
async function setUp(...args: string[]): Promise<void> {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true, args: ['--request-timeout', '120000', ...args] }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  await member.run('mutation { initSlots { userErrors { message } } }');
  for (const [index, server] of servers.entries()) {
    await member.run(
      `mutation {
        createGroup(input: { number: ${index + 1} }) { userErrors { message } }
        addServer(input: { group: ${index + 1}, address: "${server.address}" }) { userErrors { message } }
        assignSlots(input: { from: ${index * 512}, to: ${index * 512 + 511}, group: ${index + 1} }) { userErrors { message } }
      }`,
    );
  }
}

afterEach(async () => {
  await member.kill();
  await Promise.all(servers.map((server) => server.stop()));
});

function residentBytes(): number {
  const status = readFileSync(`/proc/${member.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

function keyOf(group: number): string {
  for (let i = 0; ; i++) if (Math.floor(slotOfKey(`key:${i}`) / 512) + 1 === group) return `key:${i}`;
}

/** The most that the process has grown while the work was done. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = residentBytes();
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, residentBytes())), 50);
  await work().finally(() => clearInterval(sampler));
  return most - before;
}

/** Others are served so many requests meanwhile. */
async function othersServed(requests: number): Promise<void> {
  const client = await RespClient.connect(member.proxyPort!);
  for (let i = 1; i <= requests; i++) expect(await client.ask('INCR', keyOf(2))).toBe(`:${i}`);
  client.close();
}

async function slowClient(): Promise<RespClient> {
  const [slow, other] = [
    await RespClient.connect(member.proxyPort!),
    await RespClient.connect(member.proxyPort!),
  ];
  await other.askBytes('SET', keyOf(1), PIECE);
  other.close();
  slow.socket.pause();
  slow.send(
    Buffer.concat(Array.from({ length: PUSHED_BYTES / PIECE.length }, () => command('GET', keyOf(1)))),
  );
  return slow;
}

test(
  'a client that asks for 1 GB and reads none of it is not read, and gets all of it when it reads at last',
  async () => {
    await setUp('--max-pipeline', '16');
    let slow: RespClient | undefined;
    const growth = await growthDuring(async () => {
      slow = await slowClient();
      await othersServed(5_000);
    });
    expect(growth).toBeLessThan(GROWTH_BYTES);
    const replies = slow!.readMany(PUSHED_BYTES / PIECE.length);
    slow!.socket.resume();
    expect((await replies).every((reply) => reply.length === PIECE.length + 12)).toBe(true);
    slow!.close();
  },
  3 * MINUTE,
);

test(
  'a client whose pipeline asks for 1 GB at once is disconnected at the limit when it reads none of it',
  async () => {
    const limit = 64 * 2 ** 20;
    await setUp('--max-output-bytes', String(limit));
    const growth = await growthDuring(async () => {
      const slow = await slowClient();
      await othersServed(5_000);
      slow.socket.resume();
      await slow.closed;
    });
    expect(growth).toBeLessThan(limit + GROWTH_BYTES);
    await othersServedAgain();

    async function othersServedAgain(): Promise<void> {
      const client = await RespClient.connect(member.proxyPort!);
      expect(await client.ask('GET', keyOf(2))).toBe('$4\r\n5000');
      client.close();
    }
  },
  3 * MINUTE,
);

test(
  'a server that takes nothing while clients push 1 GB at it costs little memory, and the other is used',
  async () => {
    await setUp();
    const pushing = await Promise.all(Array.from({ length: 4 }, () => RespClient.connect(member.proxyPort!)));
    for (const client of pushing) await client.ask('SET', keyOf(1), '');
    servers[0]!.freeze();
    const request = command('SET', keyOf(1), PIECE);
    const growth = await growthDuring(async () => {
      for (let i = 0; i < PUSHED_BYTES / PIECE.length; i++) pushing[i % pushing.length]!.send(request);
      await othersServed(5_000);
    });
    expect(growth).toBeLessThan(GROWTH_BYTES);
    for (const client of pushing) client.close();
    servers[0]!.thaw();
    const late = await RespClient.connect(member.proxyPort!);
    expect(await late.ask('SET', keyOf(1), 'v')).toBe('+OK');
    late.close();
  },
  3 * MINUTE,
);
