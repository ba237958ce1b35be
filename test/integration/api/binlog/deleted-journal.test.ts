import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import type { Problem } from '../../../harness/generated/answers.js';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../../harness/servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const TTL = ['--session-ttl', '2000'];
const servers = new ServerSet();
const members: QuorateMember[] = [];
let etcd: EtcdCluster | undefined;

afterAll(async () => {
  await Promise.all(members.map((member) => member.kill()));
  await servers.remove();
  await etcd?.stop();
});

async function problemsOf(member: QuorateMember): Promise<readonly Problem[]> {
  return (await member.run('{ cluster { problems { code subject message } } }')).cluster.problems;
}

async function untilGone(member: QuorateMember): Promise<void> {
  await until('it is noticed', async () =>
    (await problemsOf(member)).some(
      ({ code, message }) => code === 'JOURNAL_CLOSED' && /was deleted, moved or unmounted/.test(message),
    ),
  );
}

async function leaderOf(member: QuorateMember): Promise<string | undefined> {
  return (await member.run('{ cluster { leader { name } } }')).cluster.leader?.name;
}

test(
  'a member whose journal is deleted under it says so, and lets another one lead',
  { timeout: 180_000 },
  async () => {
    const source = await servers.start({ flavour: 'mariadb' });
    etcd = await startEtcd();
    const common = { etcd: etcd.endpoints, args: TTL };
    const first = await QuorateMember.start({ name: 'm1', ...common });
    members.push(first);
    for (const name of ['m2', 'm3'])
      members.push(await QuorateMember.start({ name, secretKey: first.secretKey, ...common }));
    const third = members[2]!;
    await changeSyncer(first, 'startSyncer', sourceInput(source));
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    for (const member of members) await untilCaughtUp(member, source);

    // A follower's, which is put back.
    const directory = join(third.dataDir, 'journal');
    renameSync(directory, `${directory}.away`);
    await untilGone(third);
    await source.query('INSERT INTO d.t VALUES (1)');
    await untilCaughtUp(first, source);
    renameSync(`${directory}.away`, directory);
    await untilCaughtUp(third, source);

    // The leader's, which is lost.
    rmSync(join(first.dataDir, 'journal'), { recursive: true });
    await untilGone(first);
    await until('another one leads', async () => /^m[23]$/.test((await leaderOf(first)) ?? ''));
    await source.query('INSERT INTO d.t VALUES (2)');
    for (const member of members.slice(1)) await untilCaughtUp(member, source);
    await first.kill();
    const { name, dataDir, port } = first;
    members[0] = await QuorateMember.start({ name, dataDir, port, ...common });
    await untilCaughtUp(members[0], source);
    await until('nothing is wrong', async () => (await problemsOf(members[0]!)).length === 0);
  },
);
