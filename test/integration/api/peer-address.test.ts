import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { until } from '../../harness/until.js';

let etcd: EtcdCluster;
let first: QuorateMember;
const others: QuorateMember[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints });
});

afterAll(async () => {
  await Promise.all([first, ...others].map((member) => member?.kill()));
  await etcd?.stop();
});

/** A process that says that the others reach it there. */
async function join(name: string, advertised: string): Promise<QuorateMember> {
  const member = await QuorateMember.launch({
    ...{ name, etcd: etcd.endpoints, secretKey: first.secretKey, args: ['--peer-advertise', advertised] },
  });
  others.push(member);
  return member;
}

async function addressOfFirst(): Promise<string> {
  const { members } = await first.run('{ members { name peerUrls } }');
  return members.find(({ name }) => name === 'm1')!.peerUrls[0]!.replace('tcp://', '');
}

test("a member with another one's peer address is not let in, and says whose it is", async () => {
  const stranger = await join('m2', await addressOfFirst());
  await until('it says why', async () => {
    const answer = await fetch(`${stranger.url}/readyz`).catch(() => undefined);
    return /its peer URL .* is that of member m1/.test((await answer?.text()) ?? '');
  });
  const { members } = await first.run('{ members { name } }');
  expect(members).toEqual([{ name: 'm1' }]);
});

test('a member at whose peer address another one answers gets no vote, and the leader tells it', async () => {
  // The same place by another name.
  await join('m3', (await addressOfFirst()).replace('127.0.0.1', 'localhost'));
  const events = await first.follow(
    'subscription { clusterStatus { problems { code subject message } } }',
    ({ clusterStatus }) => clusterStatus.problems.some(({ code }) => code === 'MEMBER_LAGS'),
  );
  expect(events.at(-1)!.clusterStatus.problems).toContainEqual({
    ...{ code: 'MEMBER_LAGS', subject: 'member/m3' },
    message: expect.stringContaining('Member m1 answers there'),
  });
  const { members } = await first.run('{ members { name role } }');
  expect(members).toContainEqual({ name: 'm3', role: 'LEARNER' });
});

test('members that never get to vote are removed, whether they have come or not', async () => {
  const remove = async (name: string): Promise<void> => {
    await first.run(`mutation { removeMember(input: { name: "${name}" }) { userErrors { message } } }`);
  };
  await first.run(
    'mutation { addMember(input: { name: "m4", peerUrls: ["tcp://127.0.0.1:1"] }) { userErrors { message } } }',
  );
  const { members } = await first.run('{ members { name state } }');
  expect(members).toContainEqual({ name: 'm4', state: 'JOINING' });
  expect(members).toContainEqual({ name: 'm3', state: 'CATCHING_UP' });
  await remove('m3');
  await remove('m4');
  expect((await first.run('{ members { name } }')).members).toEqual([{ name: 'm1' }]);
  await until('nothing is wrong any more', async () => {
    const { cluster } = await first.run('{ cluster { health } }');
    return cluster.health === 'OK';
  });
});
