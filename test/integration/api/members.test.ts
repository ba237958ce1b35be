import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { launchQuorate, QuorateMember, QuorateProxy } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { freePort } from '../../harness/servers/ports.js';

let etcd: EtcdCluster;
let members: QuorateMember[];
const TTL = ['--session-ttl', '2000'];

beforeAll(async () => {
  etcd = await startEtcd();
  const first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, args: TTL });
  const second = await QuorateMember.start({
    name: 'm2',
    etcd: etcd.endpoints,
    secretKey: first.secretKey,
    args: TTL,
  });
  members = [first, second];
  // Each member shows what its own watch has brought it so far.
  await first.follow('subscription { memberStatus(name: "m2") { name } }', () => true);
});

afterAll(async () => {
  await Promise.all((members ?? []).map((member) => member.kill()));
  await etcd?.stop();
});

const CREATE =
  'mutation ($n: Int!) { createGroup(input: { number: $n }) { revision proposal { committedBy raftTerm } userErrors { code } } }';
interface Created {
  createGroup: {
    revision: string | null;
    proposal: { committedBy: string; raftTerm: string } | null;
    userErrors: { code: string }[];
  };
}

async function leaderName(member: QuorateMember): Promise<string | undefined> {
  const { cluster } = await member.run<{ cluster: { leader: { name: string } | null } }>(
    '{ cluster { leader { name } } }',
  );
  return cluster.leader?.name;
}

describe('several members on one etcd', () => {
  test('all answer queries alike, and show each other', async () => {
    for (const member of members) {
      const { cluster, members: list } = await member.run(
        '{ cluster { name epoch leader { name } coordinator { kind reachable members { name isLeader } } } members { name isLeader state adminUrls } }',
      );
      expect(cluster).toMatchObject({
        leader: { name: 'm1' },
        coordinator: { kind: 'ETCD', reachable: true },
      });
      expect(cluster.coordinator.members).toHaveLength(1);
      expect(list.map((entry) => [entry.name, entry.isLeader, entry.state])).toEqual([
        ['m1', true, 'HEALTHY'],
        ['m2', false, 'HEALTHY'],
      ]);
    }
  });

  test('a mutation works at any of them, refusals included, and the leader carries it', async () => {
    const [leader, follower] = members as [QuorateMember, QuorateMember];
    const done = await follower.run<Created>(CREATE, { n: 1 });
    expect(done.createGroup.proposal).toMatchObject({ committedBy: leader.name });
    expect(Number(done.createGroup.proposal!.raftTerm)).toBeGreaterThan(0);
    const refused = await follower.ask<Created>(CREATE, { n: 1 });
    expect(refused.data?.createGroup.userErrors).toEqual([{ code: 'ALREADY_EXISTS' }]);
    const actor = await leader.run('{ actions(types: [GROUP_CHANGED]) { nodes { actor } } }');
    expect(actor.actions.nodes).toEqual([{ actor: 'local' }]);
  });

  test('a member of another cluster key is refused, as is a second one of the same name', async () => {
    const stranger = launchQuorate([
      ...['serve', '--name', 'm3', '--listen', `127.0.0.1:${await freePort()}`],
      ...[
        '--peer-listen',
        '127.0.0.1:0',
        '--data-dir',
        temporaryDirectory('stranger'),
        '--etcd',
        etcd.endpoints.join(','),
      ],
    ]);
    expect(await stranger.exited).toBe(1);
    expect(stranger.output).toMatch(/another secret key/);
    const twin = launchQuorate([
      ...[
        'serve',
        '--name',
        'm1',
        '--listen',
        `127.0.0.1:${await freePort()}`,
        '--secret-key',
        members[0]!.secretKey,
      ],
      ...[
        '--peer-listen',
        '127.0.0.1:0',
        '--data-dir',
        temporaryDirectory('twin'),
        '--etcd',
        etcd.endpoints.join(','),
        ...TTL,
      ],
    ]);
    expect(await twin.exited).toBe(1);
    expect(twin.output).toMatch(/Member m1 has another data directory/);
    expect(await leaderName(members[0]!)).toBe('m1');
  });

  test('the next one leads when the leader is stopped, at once, and the stopped one exits with 0', async () => {
    const [first, second] = members as [QuorateMember, QuorateMember];
    const led = second.follow(
      'subscription { clusterStatus { leader { name } } }',
      ({ clusterStatus }) => clusterStatus.leader?.name === 'm2',
    );
    await second.follow('subscription { clusterStatus { leader { name } } }', () => true);
    expect(await first.stop()).toBe(0);
    await led;
    expect((await second.run<Created>(CREATE, { n: 2 })).createGroup.proposal).toMatchObject({
      committedBy: 'm2',
    });
    const leaders = async () => {
      const { actions } = await second.run('{ actions(types: [LEADER_CHANGED]) { nodes { target } } }');
      return actions.nodes.map((action) => action.target);
    };
    await expect.poll(leaders).toEqual(['member/m1', 'member/m2']);
  });

  test('a mutation sent to a leader that hangs is answered as soon as another leads', async () => {
    const [first, second] = members as [QuorateMember, QuorateMember];
    const follower = await QuorateMember.start({
      name: 'm4',
      etcd: etcd.endpoints,
      secretKey: first.secretKey,
      args: ['--session-ttl', '10000'],
    });
    try {
      second.process.signal('SIGSTOP');
      const { errors } = await follower.ask(CREATE, { n: 3 });
      expect(errors?.[0]?.extensions?.['code']).toBe('TIMEOUT');
      expect((await follower.run<Created>(CREATE, { n: 4 })).createGroup.proposal).toMatchObject({
        committedBy: 'm4',
      });
      second.process.signal('SIGCONT');
      await second.ready();
      // What had been sent to the one that hung is not carried out late.
      expect((await follower.run('{ group(number: 3) { id } }')).group).toBeNull();
      expect((await second.run<Created>(CREATE, { n: 5 })).createGroup.proposal).toMatchObject({
        committedBy: 'm4',
      });
    } finally {
      second.process.signal('SIGCONT');
      await follower.stop();
    }
  }, 60_000);
});

describe('starting and stopping', () => {
  test('a proxy of its own needs etcd and says what to do instead', async () => {
    const proxy = launchQuorate(['proxy', '--name', 'p', '--listen', `127.0.0.1:${await freePort()}`]);
    expect(await proxy.exited).toBe(1);
    expect(proxy.output).toMatch(/set --etcd.*serve --proxy-listen/s);
  });

  test('a proxy that is stopped leaves the cluster and exits with 0', async () => {
    const [, member] = members as [QuorateMember, QuorateMember];
    const proxy = await QuorateProxy.start({
      name: 'leaving',
      etcd: etcd.endpoints,
      secretKey: members[0]!.secretKey,
    });
    const proxies = async () => (await member.run('{ proxies { name state } }')).proxies;
    await expect.poll(proxies).toEqual([{ name: 'leaving', state: 'ONLINE' }]);
    expect(await proxy.stop()).toBe(0);
    await expect.poll(proxies).toEqual([]);
  });

  test('an etcd that does not answer stops the start with its address and the reason', async () => {
    const port = await freePort();
    const member = launchQuorate([
      'serve',
      '--etcd',
      `127.0.0.1:${port}`,
      '--data-dir',
      temporaryDirectory('lonely'),
    ]);
    expect(await member.exited).toBe(1);
    expect(member.output).toContain(String(port));
  });

  test('config print shows what is in force, secrets redacted', async () => {
    const file = join(temporaryDirectory('config'), 'quorate.yaml');
    writeFileSync(file, 'cluster: from-file\n');
    const command = launchQuorate(['config', 'print', '--config', file, '--name', 'shown'], {
      QUORATE_ETCD_PASSWORD: 'hunter2',
    });
    expect(await command.exited).toBe(0);
    expect(command.output).toMatch(/cluster: from-file/);
    expect(command.output).toMatch(/name: shown/);
    expect(command.output).not.toContain('hunter2');
  });
});
