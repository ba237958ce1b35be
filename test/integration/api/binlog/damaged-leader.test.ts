import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../../harness/servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const TTL = ['--session-ttl', '2000'];
const servers = new ServerSet();
const members = new Map<string, QuorateMember>();
let etcd: EtcdCluster;
let source: MysqlServer;

async function start(name: string, dataDir?: string): Promise<QuorateMember> {
  const secretKey = members.get('m1')?.secretKey;
  const member = await QuorateMember.start({
    ...{ name, etcd: etcd.endpoints, args: TTL },
    ...(dataDir !== undefined && { dataDir }),
    ...(secretKey !== undefined && name !== 'm1' && { secretKey }),
  });
  members.set(name, member);
  return member;
}

function damage(file: string): void {
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, 60);
  byte[0]! ^= 0xff;
  writeSync(descriptor, byte, 0, 1, 60);
  closeSync(descriptor);
}

beforeAll(async () => {
  source = await servers.start({ flavour: 'mariadb' });
  etcd = await startEtcd();
  for (const name of ['m1', 'm2', 'm3']) await start(name);
});
afterAll(async () => {
  await Promise.all([...members.values()].map((member) => member.kill()));
  await servers.remove();
  await etcd?.stop();
});

test('a leader whose journal is damaged again lets another one lead, which goes on', async () => {
  const first = members.get('m1')!;
  await changeSyncer(first, 'startSyncer', sourceInput(source));
  await source.query('CREATE DATABASE shop');
  for (const member of members.values()) await untilCaughtUp(member, source);
  // All go; the damaged one is there first, and leads alone.
  for (const member of members.values()) await member.kill();
  damage(join(first.dataDir, 'journal', 'quorate-binlog.000001'));
  // It was before, too: it is not fetched anew once more.
  mkdirSync(join(first.dataDir, 'journal.damaged'));
  const damaged = await start('m1', first.dataDir);
  const leader = async (): Promise<string | undefined> =>
    (await damaged.run('{ cluster { leader { name } } }')).cluster.leader?.name;
  await until('it leads', async () => (await leader()) === 'm1');
  const [second] = await Promise.all(['m2', 'm3'].map((name) => start(name, members.get(name)!.dataDir)));
  await until('another one leads', async () => /^m[23]$/.test((await leader()) ?? ''), 30_000);
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  await untilCaughtUp(second!, source);
  const { cluster } = await damaged.run('{ cluster { problems { subject message } } }');
  expect(cluster.problems).toContainEqual({
    ...{ subject: 'journal', message: expect.stringContaining('quorate-binlog.000001') },
  });

  const { removeMember } = await second!.run(
    'mutation { removeMember(input: { name: "m1" }) { userErrors { code message } members { name } } }',
  );
  expect(removeMember).toEqual({ userErrors: [], members: [{ name: 'm2' }, { name: 'm3' }] });
});
