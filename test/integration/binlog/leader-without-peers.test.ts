import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { ChaosMember } from '../../harness/faults/chaos/chaos-member.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { until } from '../../harness/until.js';

const servers = new ServerSet();
const members: ChaosMember[] = [];
let etcd: EtcdCluster;
let source: MysqlServer;

beforeAll(async () => {
  source = await servers.start({ flavour: 'mariadb' });
  etcd = await startEtcd();
  for (const name of ['m1', 'm2', 'm3']) {
    const secretKey = members[0]?.api.secretKey ?? null;
    const member = await ChaosMember.start({
      ...{ name, etcd: etcd.endpoints, secretKey, isDirect: false, diskMegabytes: name === 'm3' ? 48 : null },
    });
    await member.api.ready();
    members.push(member);
  }
  await changeSyncer(members[0]!.api, 'startSyncer', sourceInput(source));
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  for (const { api } of members) await untilCaughtUp(api, source);
});

afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()));
  await servers.remove();
  await etcd?.stop();
});

async function leaderSeenBy(member: ChaosMember): Promise<string | undefined> {
  return (await member.api.run('{ cluster { leader { name } } }')).cluster.leader?.name;
}

test(
  'a member that votes and does not follow is a problem at every member, and healthy again when it does',
  { timeout: 120_000 },
  async () => {
    const full = members[2]!;
    if (!full.hasOwnDisk)
      return console.warn('No file system may be mounted here: the full disk is not tried.');
    const seenBy = async ({ api }: ChaosMember): Promise<{ isTold: boolean; lag: string | null }> => {
      const { cluster, members: all } = await api.run(
        '{ cluster { problems { code subject } } members { name lag } }',
      );
      const isTold = cluster.problems.some(
        ({ code, subject }) => code === 'MEMBER_LAGS' && subject === 'member/m3',
      );
      return { isTold, lag: all.find(({ name }) => name === 'm3')!.lag };
    };
    full.fillDisk();
    await source.query(`CREATE TABLE shop.big (text LONGTEXT)`);
    await source.query(`INSERT INTO shop.big VALUES (REPEAT('x', 1000000))`);
    for (const member of members.slice(0, 2)) {
      await until(`${member.name} tells`, async () => (await seenBy(member)).isTold, 60_000);
      expect((await seenBy(member)).lag).not.toBe('0');
    }
    full.freeDisk();
    await source.query('INSERT INTO shop.t VALUES (100)');
    for (const member of members) {
      await untilCaughtUp(member.api, source);
      await until(`${member.name} tells no more`, async () => !(await seenBy(member)).isTold, 60_000);
    }
    for (const member of members) expect(await seenBy(member)).toEqual({ isTold: false, lag: '0' });
  },
);

test(
  'a leader that reaches etcd and the source, and no member, says so and lets another one lead',
  { timeout: 120_000 },
  async () => {
    const cut = members.find(({ name }) => name === 'm1')!;
    expect(await leaderSeenBy(cut)).toBe('m1');
    const told = cut.api.follow(
      'subscription { clusterStatus { health problems { code consequence { summary } } } }',
      ({ clusterStatus }) => clusterStatus.problems.some(({ code }) => code === 'COMMITS_STALLED'),
    );
    cut.relay.silence();
    await source.query('INSERT INTO shop.t VALUES (1)');
    expect((await told).at(-1)!.clusterStatus.health).toBe('DOWN');
    await until('another one leads', async () => (await leaderSeenBy(members[1]!)) !== 'm1', 60_000);
    await source.query('INSERT INTO shop.t VALUES (2)');
    for (const { api } of members) await untilCaughtUp(api, source);
    cut.relay.restore();
    await until(
      'nothing is wrong any more',
      async () => (await members[1]!.api.run('{ cluster { health } }')).cluster.health === 'OK',
      60_000,
    );
  },
);

test(
  'a leader that no member reaches can be removed, since the others hold what is committed',
  { timeout: 120_000 },
  async () => {
    const name = await leaderSeenBy(members[1]!);
    const [cut, other] = [
      members.find((each) => each.name === name)!,
      members.find((each) => each.name !== name)!,
    ];
    await source.query('INSERT INTO shop.t VALUES (3)');
    for (const { api } of members) await untilCaughtUp(api, source);
    cut.relay.silence();
    const lags = async (): Promise<unknown[]> =>
      (await cut.api.run('{ members { name lag } }')).members
        .filter((each) => each.name !== name)
        .map(({ lag }) => lag);
    await until(
      'nobody is in touch with it',
      async () => (await lags()).every((lag) => lag === null),
      30_000,
    );
    const { removeMember } = await other.api.run(
      `mutation { removeMember(input: { name: "${name}", force: true }) { userErrors { code message } } }`,
    );
    expect(removeMember.userErrors).toEqual([]);
    await source.query('INSERT INTO shop.t VALUES (4)');
    await until(
      'another one leads',
      async () => ![name, undefined].includes(await leaderSeenBy(other)),
      60_000,
    );
    await untilCaughtUp(other.api, source);
  },
);
