import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slotOfKey } from '../../../src/redis/key-slot.js';
import { CheckingClients } from '../../harness/checkers/checking-clients.js';
import { fuzz, type FuzzReport } from '../../harness/faults/fuzz/fuzz-client.js';
import { HostileRelay } from '../../harness/faults/fuzz/hostile-relay.js';
import { randomRequest } from '../../harness/faults/fuzz/requests.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { Random } from '../../harness/random.js';
import { RespClient } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';

/** `QUORATE_FUZZ_REQUESTS=1000000 QUORATE_FUZZ_SEED=7 npx vitest run test/integration/proxy/fuzz.test.ts` */
const REQUESTS = Number(process.env['QUORATE_FUZZ_REQUESTS'] ?? 30_000);
const SEED = Number(process.env['QUORATE_FUZZ_SEED'] ?? 1);
const CLIENTS = 8;
const GROWTH_BYTES = 96 * 2 ** 20;
const MINUTES = 60_000;

let member: QuorateMember;
let servers: RedisServer[];
let relay: HostileRelay;

/** Group 1 has the lower half of the slots; group 2's server stands behind a relay. */
beforeEach(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  relay = await HostileRelay.start(servers[1]!.port, new Random(SEED));
  await member.run('mutation { initSlots { userErrors { message } } }');
  for (const [index, address] of [servers[0]!.address, relay.address].entries()) {
    const group = index + 1;
    await member.run(
      `mutation {
        createGroup(input: { number: ${group} }) { userErrors { message } }
        addServer(input: { group: ${group}, address: "${address}" }) { userErrors { message } }
        assignSlots(input: { from: ${index * 512}, to: ${index * 512 + 511}, group: ${group} }) { userErrors { message } }
      }`,
    );
  }
});

afterEach(async () => {
  await member.kill();
  await relay.stop();
  await Promise.all(servers.map((server) => server.stop()));
});

function residentBytes(): number {
  const status = readFileSync(`/proc/${member.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

test(
  `random and mutated requests, cut anywhere: nobody gets another's reply, nothing crashes or grows (seed ${SEED})`,
  async () => {
    const report: FuzzReport = { requests: 0, nonces: new Set(), malformed: [], misplaced: [], closed: 0 };
    const witnesses = new CheckingClients([member.proxyPort!], 4);
    await witnesses.start();
    const run = (requests: number, seed: number): Promise<void[]> =>
      Promise.all(
        Array.from({ length: CLIENTS }, (_, i) =>
          fuzz(member.proxyPort!, new Random(seed * 1_000 + i), requests / CLIENTS, report),
        ),
      );
    await run(REQUESTS / 3, SEED);
    const warm = residentBytes();
    await run((REQUESTS * 2) / 3, SEED + 1);
    const grown = residentBytes() - warm;
    const { wrong, failed, operations } = await witnesses.stop();

    expect({ wrong, failed, malformed: report.malformed, misplaced: report.misplaced }).toEqual({
      wrong: [],
      failed: [],
      malformed: [],
      misplaced: [],
    });
    expect(operations).toBeGreaterThan(0);
    expect(report.closed).toBeGreaterThan(0);
    expect(report.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(grown).toBeLessThan(GROWTH_BYTES);
  },
  30 * MINUTES,
);

test(
  `a server whose replies are mutated harms only those who ask it, and is used again when it behaves (seed ${SEED})`,
  async () => {
    const random = new Random(SEED);
    const stop = new AbortController();
    const witness = checkOnly(stop.signal, (slot) => slot < 512);
    relay.hostile = true;
    const before = residentBytes();
    await Promise.all(Array.from({ length: CLIENTS }, () => disturb(random.fork(), REQUESTS / 10 / CLIENTS)));
    const grown = residentBytes() - before;
    relay.hostile = false;
    stop.abort();
    const { rounds, wrong } = await witness;
    expect(wrong).toEqual([]);
    expect(rounds).toBeGreaterThan(0);
    expect(relay.changed).toBeGreaterThan(10);
    expect(grown).toBeLessThan(GROWTH_BYTES);
    const client = new Redis({ port: member.proxyPort!, retryStrategy: () => null });
    const key = keyWhere((slot) => slot >= 512);
    await expect.poll(() => client.set(key, 'well').catch(String), { timeout: MINUTES / 2 }).toBe('OK');
    expect(await client.get(key)).toBe('well');
    client.disconnect();
    await expect
      .poll(() => member.run('{ group(number: 2) { master { reachable } } }'), { timeout: MINUTES / 2 })
      .toMatchObject({ group: { master: { reachable: true } } });
  },
  10 * MINUTES,
);

/** Asks for anything and takes whatever comes; replies may be missing, so it waits for none for long. */
async function disturb(random: Random, requests: number): Promise<void> {
  for (let sent = 0; sent < requests;) {
    const client = await RespClient.connect(member.proxyPort!);
    for (let i = 0; i < 50; i++, sent++) {
      const reply = client.read().catch(() => undefined);
      client.send(randomRequest(random));
      await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    client.close();
  }
}

/** Writes and reads keys of some slots until the signal; what it reads must be what it wrote. */
async function checkOnly(
  signal: AbortSignal,
  wanted: (slot: number) => boolean,
): Promise<{ rounds: number; wrong: string[] }> {
  const client = await RespClient.connect(member.proxyPort!);
  const wrong: string[] = [];
  const key = keyWhere(wanted);
  let rounds = 0;
  for (; !signal.aborted; rounds++) {
    const value = `value ${rounds}`;
    const replies = [await client.ask('SET', key, value), await client.ask('GET', key)];
    if (replies.join() !== `+OK,$${value.length}\r\n${value}`) wrong.push(replies.join());
  }
  client.close();
  return { rounds, wrong };
}

function keyWhere(wanted: (slot: number) => boolean): string {
  for (let i = 0; ; i++) if (wanted(slotOfKey(`witness:${i}`))) return `witness:${i}`;
}
