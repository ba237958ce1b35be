import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { verifyJournal } from '../../../../src/binlog/journal/verify.js';
import {
  changeSyncer,
  restartJournalAfter,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Journal } from '../../../harness/generated/answers.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const ARGS = ['--session-ttl', '2000', '--journal-segment-size', '4096'];

const servers = new ServerSet();
const members: QuorateMember[] = [];
let etcd: EtcdCluster | undefined;

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
  await etcd?.stop();
});

async function journalOf(member: QuorateMember): Promise<Journal> {
  return (await member.run('{ journal { executedGtidSet startOffset committedOffset segments { name } } }'))
    .journal;
}

async function untilLike(member: QuorateMember, other: QuorateMember): Promise<void> {
  await until(`${member.name} has what ${other.name} has`, async () => {
    const [one, two] = [await journalOf(member), await journalOf(other)];
    return JSON.stringify(one) === JSON.stringify(two);
  });
}

test('a journal that is restarted is another one at every member, also at one that was away', async () => {
  const source = await servers.start({ flavour: 'mariadb' });
  etcd = await startEtcd();
  const common = { etcd: etcd.endpoints, args: ARGS };
  const first = await QuorateMember.start({ name: 'm1', ...common });
  members.push(first);
  const second = await QuorateMember.start({ name: 'm2', secretKey: first.secretKey, ...common });
  members.push(second);
  let third = await QuorateMember.start({ name: 'm3', secretKey: first.secretKey, ...common });
  members.push(third);
  await changeSyncer(first, 'startSyncer', sourceInput(source));
  const port = await freePort();
  await first.run(
    'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }',
    { input: { ...slaveAccount('b3', port), member: 'm3', tls: { mode: 'DISABLED' } } },
  );
  for (const name of ['a', 'b', 'c', 'd']) await source.query(`CREATE DATABASE ${name}`);
  const old = await untilCaughtUp(first, source);
  await untilLike(second, first);
  await untilLike(third, first);
  const before = await journalOf(first);

  await third.kill();
  // From now on it is known what the source must have.
  await changeSyncer(first, 'stopSyncer');
  await changeSyncer(first, 'startSyncer', sourceInput(source));
  await untilSyncer(first, ({ state }) => state === 'RUNNING');
  await source.query('RESET MASTER');
  await untilSyncer(first, ({ state }) => state === 'FAILED');
  const done = await restartJournalAfter(second, '');
  expect(done).toMatchObject({ userErrors: [], discardedGtidSet: old.executedGtidSet });
  await source.query('CREATE DATABASE e');
  await untilCaughtUp(first, source);
  await untilLike(second, first);

  third = await QuorateMember.start({
    ...{ name: 'm3', dataDir: third.dataDir, secretKey: first.secretKey },
    ...common,
  });
  members.push(third);
  await untilLike(third, first);
  const after = await journalOf(first);
  expect(Number(after.startOffset)).toBeGreaterThan(Number(before.committedOffset));
  const names = (journal: Journal): string[] => journal.segments.map(({ name }) => name);
  expect(names(after).filter((name) => names(before).includes(name))).toEqual([]);
  for (const { dataDir } of [first, second, third]) {
    const kept = readdirSync(join(dataDir, basename(done.folder!))).filter(
      (name) => !name.endsWith('.index'),
    );
    expect(kept.sort()).toEqual(names(before).sort());
  }

  const replica = await servers.start({ flavour: 'mariadb' });
  await replica.replication.follow({ port, user: 'slave', password: SLAVE_PASSWORD });
  await replica.replication.reach(await source.gtidExecuted());
  expect((await replica.query('SHOW DATABASES')).map((row) => row['Database'])).not.toContain('a');

  await first.kill();
  await source.query('CREATE DATABASE f');
  await untilCaughtUp(second, source);
  await untilLike(third, second);
  await replica.replication.reach(await source.gtidExecuted());
  await second.kill();
  expect((await verifyJournal(join(second.dataDir, 'journal'))).problems).toEqual([]);
});
