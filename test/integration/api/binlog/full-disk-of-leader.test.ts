import { statfsSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  changeSyncer,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Problem } from '../../../harness/generated/answers.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { removeSmallDisks, smallDisk } from '../../../harness/faults/small-disk.js';
import { until } from '../../../harness/until.js';

const TTL = ['--session-ttl', '2000'];
const servers = new ServerSet();
const members: QuorateMember[] = [];
let etcd: EtcdCluster | undefined;

afterAll(async () => {
  await Promise.all(members.map((member) => member.kill()));
  await servers.remove();
  await etcd?.stop();
  removeSmallDisks();
});

async function fullDisks(member: QuorateMember): Promise<readonly Problem[]> {
  const { cluster } = await member.run(
    '{ cluster { problems { code severity subject message consequence { summary } remedies { title mutation } } } }',
  );
  return cluster.problems.filter(({ code }) => code === 'DISK_FULL');
}

test('a leader whose disk is full can hand over to one that has room, and goes on as its follower', async (context) => {
  const disk = smallDisk(48);
  if (disk === null) return context.skip('needs the right to mount a tmpfs');
  const source = await servers.start({ flavour: 'mariadb' });
  etcd = await startEtcd();
  const common = { etcd: etcd.endpoints, args: TTL };
  const first = await QuorateMember.start({ name: 'm1', dataDir: join(disk, 'data'), ...common });
  members.push(first);
  for (const name of ['m2', 'm3'])
    members.push(await QuorateMember.start({ name, secretKey: first.secretKey, ...common }));
  const second = members[1]!;
  await changeSyncer(first, 'startSyncer', sourceInput(source));
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
  for (const member of members) await untilCaughtUp(member, source);
  const filler = join(disk, 'filler');
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 300_000));
  await source.query("INSERT INTO d.t VALUES (1, REPEAT('x', 900000))");
  const { stateReason } = await untilSyncer(first, ({ state }) => state === 'RETRYING');
  expect(stateReason).toMatch(/ENOSPC|no space/i);
  await until('it is a problem', async () => {
    const [problem] = await fullDisks(first);
    return problem?.subject === 'member/m1' && problem.severity === 'CRITICAL';
  });

  await until('it has handed over', async () => {
    const { data } = await second.ask(
      'mutation { transferLeadership(input: { to: "m2" }) { userErrors { code } } }',
    );
    return data?.transferLeadership.userErrors.length === 0;
  });
  await source.query("INSERT INTO d.t VALUES (2, REPEAT('x', 900000))");
  for (const member of members.slice(1)) await untilCaughtUp(member, source);
  // A follower now, it is told by itself and by the leader.
  for (const member of [first, second])
    await until('it is a warning', async () => {
      const [problem] = await fullDisks(member);
      return problem?.subject === 'member/m1' && problem.severity === 'WARNING';
    });
  const [problem] = await fullDisks(second);
  expect(problem!.message).toMatch(/ENOSPC|no space/i);
  expect(problem!.remedies[0]!.title).toContain('Make room on the disk of member m1');

  // The source writes nothing more: what is missing comes again by itself.
  rmSync(filler);
  await untilCaughtUp(first, source);
  for (const member of [first, second])
    await until('the problem is over', async () => (await fullDisks(member)).length === 0);
});
