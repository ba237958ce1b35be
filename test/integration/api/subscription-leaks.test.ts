import { afterAll, beforeAll, expect, test } from 'vitest';
import { Subscriber } from '../../bench/subscribers.js';
import { heapInUse, inspectable } from '../../harness/servers/heap.js';
import { freePort } from '../../harness/servers/ports.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

const SOCKETS = 100;
const PER_SOCKET = 100;
const ROUNDS = 3;
const GROWTH_BYTES = 6 * 2 ** 20;

let member: QuorateMember;
let inspectorPort: number;

beforeAll(async () => {
  inspectorPort = await freePort();
  member = await QuorateMember.start({ proxy: true, env: inspectable(inspectorPort) });
});

afterAll(() => member?.stop());

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${member.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Ten thousand subscriptions, each of which has had an event. */
async function comeAndGo(): Promise<void> {
  const queries = ['clusterStatus { name }', 'proxyStatus { name }', 'slotStatus(from: 0, to: 3) { number }'];
  const subscriptions = Array.from({ length: PER_SOCKET }, (_, i) => ({
    query: `subscription { ${queries[i % queries.length]} }`,
  }));
  let events = 0;
  const sockets: Subscriber[] = [];
  for (let i = 0; i < SOCKETS; i++) {
    sockets.push(
      await Subscriber.connect(`ws://127.0.0.1:${member.port}/graphql`, subscriptions, () => events++),
    );
  }
  await expect.poll(() => events, { timeout: 30_000 }).toBeGreaterThanOrEqual(SOCKETS * PER_SOCKET);
  await expect.poll(() => metric('quorate_subscriptions')).toBe(SOCKETS * PER_SOCKET);
  for (const socket of sockets) socket.close();
  await expect.poll(() => metric('quorate_subscriptions'), { timeout: 10_000 }).toBe(0);
}

test('10,000 subscriptions that come and go leave nothing behind', async () => {
  await member.run('mutation { initSlots { userErrors { message } } }');
  await comeAndGo();
  const before = await heapInUse(inspectorPort);
  for (let round = 0; round < ROUNDS; round++) await comeAndGo();
  expect((await heapInUse(inspectorPort)) - before).toBeLessThan(GROWTH_BYTES);
});
