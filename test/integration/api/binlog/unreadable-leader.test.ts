import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Problem } from '../../../harness/generated/answers.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import { NON_BLOCK, RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const TTL = ['--session-ttl', '2000'];
const NAMES = ['m1', 'm2', 'm3'] as const;
const servers = new ServerSet();
const members = new Map<string, QuorateMember>();
const ports = new Map<string, number>();
let etcd: EtcdCluster;
let source: MysqlServer;

async function start(name: string): Promise<QuorateMember> {
  const [before, first] = [members.get(name), members.get('m1')];
  const member = await QuorateMember.start({
    ...{ name, etcd: etcd.endpoints, args: TTL },
    ...(before !== undefined && { dataDir: before.dataDir }),
    ...(first !== undefined && name !== 'm1' && { secretKey: first.secretKey }),
  });
  members.set(name, member);
  return member;
}

/** Inverts bytes behind the head of the first file; the same again mends it. */
function invert(member: QuorateMember, name: string): void {
  const file = openSync(join(member.dataDir, 'journal', name), 'r+');
  const bytes = Buffer.alloc(400);
  readSync(file, bytes, 0, bytes.length, 600);
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= 0xff;
  writeSync(file, bytes, 0, bytes.length, 600);
  closeSync(file);
}

async function leaderSeenBy(member: QuorateMember): Promise<string | undefined> {
  return (await member.run('{ cluster { leader { name } } }')).cluster.leader?.name;
}

async function problemsOf(member: QuorateMember): Promise<readonly Problem[]> {
  return (await member.run('{ cluster { problems { severity subject message } } }')).cluster.problems;
}

/** How a dump of everything ends. */
async function dumped(name: string): Promise<string> {
  const replica = await RawReplica.connect({
    ...{ port: ports.get(name)!, flavour: 'mariadb', user: 'slave', password: SLAVE_PASSWORD },
  });
  try {
    await replica.dump({ gtids: '', flags: NON_BLOCK });
    return String(await replica.untilEnd());
  } finally {
    replica.close();
  }
}

beforeAll(async () => {
  source = await servers.start({ flavour: 'mariadb' });
  etcd = await startEtcd();
  for (const name of NAMES) await start(name);
});
afterAll(async () => {
  await Promise.all([...members.values()].map((member) => member.kill()));
  await servers.remove();
  await etcd?.stop();
});

test(
  'a leader that cannot read its journal says so and lets another one lead, and takes it back when it can again',
  { timeout: 180_000 },
  async () => {
    await changeSyncer(members.get('m1')!, 'startSyncer', sourceInput(source));
    for (const name of NAMES) {
      ports.set(name, await freePort());
      await members
        .get('m1')!
        .run(
          'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
          { input: { ...slaveAccount(name, ports.get(name)!), member: name } },
        );
    }
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    for (let id = 0; id < 20; id++) await source.query(`INSERT INTO shop.t VALUES (${id})`);
    for (const member of members.values()) await untilCaughtUp(member, source);
    // What was written lately is in memory.
    for (const member of members.values()) await member.stop();
    for (const name of NAMES) await start(name);
    const leads = async (name: string): Promise<boolean> => (await leaderSeenBy(members.get(name)!)) === name;
    let name: string | undefined;
    await until('one leads', async () => {
      for (const each of NAMES) if (await leads(each)) name = each;
      return name !== undefined;
    });
    const first = members.get(name!)!;
    const { journal } = await first.run('{ journal { segments { name } } }');
    const file = journal.segments[0]!.name;
    expect(await problemsOf(first)).toEqual([]);

    invert(first, file);
    expect(await dumped(name!)).not.toBe('eof');
    expect(await problemsOf(first)).toContainEqual({
      ...{ severity: 'CRITICAL', subject: 'journal' },
      message: expect.stringMatching(new RegExp(`cannot be read: .*${file}`)),
    });
    await until('another one leads', async () => ((await leaderSeenBy(first)) ?? name) !== name, 30_000);
    const leader = (await leaderSeenBy(first))!;
    await source.query('INSERT INTO shop.t VALUES (100)');
    await untilCaughtUp(members.get(leader)!, source);
    expect(await dumped(leader)).toBe('eof');
    expect(await problemsOf(members.get(leader)!)).toEqual([]);

    invert(first, file);
    await until('it can be read again', async () => (await problemsOf(first)).length === 0, 30_000);
    await untilCaughtUp(first, source);
    expect(await dumped(name!)).toBe('eof');
  },
);
