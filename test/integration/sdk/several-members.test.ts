import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createClient,
  NoLeaderError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
  type QuorateClient,
} from '../../../src/sdk/index.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

const TTL = ['--session-ttl', '2000'];
let etcd: EtcdCluster;
let members: QuorateMember[];
let client: QuorateClient;

beforeAll(async () => {
  etcd = await startEtcd();
  const first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, args: TTL });
  const options = { etcd: etcd.endpoints, secretKey: first.secretKey, args: TTL };
  members = [first];
  for (const name of ['m2', 'm3']) members.push(await QuorateMember.start({ name, ...options }));
  client = createClient({ url: members.map(({ url }) => url) });
});

afterAll(async () => {
  await client?.close();
  await Promise.all((members ?? []).map((member) => member.kill()));
  await etcd?.stop();
});

/** Makes a group, whoever leads by then; again when it was certainly or perhaps not made. */
async function makeGroup(number: number): Promise<void> {
  for (;;) {
    try {
      await client.createGroup({ input: { number } });
      return;
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'ALREADY_EXISTS') return;
      const passes = [NoLeaderError, UnavailableError, OutcomeUnknownError].some(
        (kind) => error instanceof kind,
      );
      if (!passes) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('the client goes on at another member when the leader that it asks is killed, and misses no action', async () => {
  const watching = client.watchActions({ types: ['GROUP_CHANGED'] });
  await makeGroup(1);
  expect((await watching.next()).value?.target).toBe('group/1');
  expect((await client.cluster()).leader?.name).toBe('m1');

  await members[0]!.kill();
  const targets = Array.from({ length: 10 }, (_, i) => `group/${i + 2}`);
  for (let number = 2; number <= 11; number++) await makeGroup(number);
  const seen: string[] = [];
  while (seen.length < targets.length) seen.push((await watching.next()).value!.target);
  expect(seen).toEqual(targets);
  expect((await client.cluster()).leader?.name).not.toBe('m1');
});
