import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { until } from '../../harness/until.js';

let etcd: EtcdCluster;
let member: QuorateMember;
let stranger: QuorateMember | undefined;

async function ask(of: QuorateMember, path: string): Promise<[number, string]> {
  const answer = await fetch(`${of.url}${path}`);
  return [answer.status, await answer.text()];
}

beforeAll(async () => {
  etcd = await startEtcd();
  member = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints });
});
afterAll(async () => {
  etcd?.first.resume();
  await member?.kill();
  await stranger?.kill();
  await etcd?.stop();
});

describe('a process', () => {
  test('that works is ready', async () => {
    expect(await ask(member, '/readyz')).toEqual([200, 'ready\n']);
    expect(await ask(member, '/healthz')).toEqual([200, 'ok\n']);
  });

  test('that is not let into the cluster lives, and says what it waits for', async () => {
    stranger = await QuorateMember.launch({
      ...{ name: 'm2', etcd: etcd.endpoints, secretKey: member.secretKey, joins: false },
    });
    await until('it answers', async () => {
      const [status, text] = await ask(stranger!, '/readyz').catch((): [number, string] => [0, '']);
      return status === 503 && text.includes('addMember');
    });
    expect(await ask(stranger, '/healthz')).toEqual([200, 'ok\n']);
  });

  test('that is out of touch with the coordinator says so, until it is in touch again', async () => {
    etcd.first.freeze();
    await until('it has noticed', async () => {
      const [status, text] = await ask(member, '/readyz');
      return status === 503 && text.includes('not in touch with the coordinator\n');
    });
    expect(await ask(member, '/healthz')).toEqual([200, 'ok\n']);
    etcd.first.resume();
    await until('it is ready again', async () => (await ask(member, '/readyz'))[0] === 200);
  });
});
