import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import type { Problem } from '../../harness/generated/answers.js';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { executedText } from '../../harness/servers/binlog/binlog-store.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { removeTemporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const NAMES = ['m1', 'm2', 'm3'] as const;
const servers = new ServerSet();
const members = new Map<string, QuorateMember>();
let etcd: EtcdCluster;
let source: MysqlServer;

async function start(name: string, onLine?: (line: string) => void): Promise<void> {
  const [before, first] = [members.get(name), members.get('m1')];
  const member = await QuorateMember.start({
    ...{ name, etcd: etcd.endpoints, args: ['--session-ttl', '2000'] },
    ...(before !== undefined && { dataDir: before.dataDir }),
    ...(first !== undefined && name !== 'm1' && { secretKey: first.secretKey }),
    ...(onLine && { onLine }),
  });
  members.set(name, member);
}

/** The folder beside the journal in which it was kept as it was. */
function keptBy({ dataDir }: QuorateMember): string | undefined {
  const name = readdirSync(dataDir).find((each) => each.startsWith('journal.cut-'));
  return name === undefined ? undefined : join(dataDir, name);
}

async function problemsOf(member: QuorateMember): Promise<readonly Problem[]> {
  const { cluster } = await member.run('{ cluster { problems { severity subject message } } }');
  return cluster.problems.filter(({ subject }) => subject === 'journal');
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
  'what was committed is kept aside, and told of, when etcd comes back from a snapshot that knows less',
  { timeout: 180_000 },
  async () => {
    await changeSyncer(members.get('m1')!, 'startSyncer', sourceInput(source));
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await source.query('INSERT INTO shop.t VALUES (1)');
    for (const member of members.values()) await untilCaughtUp(member, source);
    const restore = await etcd.snapshot();
    for (let id = 2; id < 20; id++) await source.query(`INSERT INTO shop.t VALUES (${id})`);
    for (const member of members.values()) await untilCaughtUp(member, source);
    const executed = await source.gtidExecuted();
    for (const member of members.values()) await member.stop();
    await restore();
    // Nobody could send them again.
    await source.stop();

    const lines: string[] = [];
    for (const name of NAMES) await start(name, (line) => lines.push(line));
    const all = [...members.values()];
    await until('some keep what is cut', () => all.some((member) => keptBy(member) !== undefined), 30_000);
    await until('all that cut keep it', async () => {
      const [kept] = all.map(keptBy).filter((folder) => folder !== undefined);
      return kept !== undefined && lines.some((line) => line.includes('knows of fewer commits'));
    });
    const keepers = all.filter((member) => keptBy(member) !== undefined);
    for (const member of keepers) {
      const folder = keptBy(member)!;
      await until('it is told', async () => (await problemsOf(member)).length > 0);
      expect(await problemsOf(member)).toContainEqual({
        ...{ severity: 'CRITICAL', subject: 'journal' },
        message: expect.stringContaining(folder),
      });
      const { problems, gtids } = await verifyJournal(folder);
      expect(problems).toEqual([]);
      expect(executedText(gtids)).toBe(executed);
      expect(dirname(folder)).toBe(member.dataDir);
      expect(basename(folder)).toMatch(/^journal\.cut-/);
    }

    await source.restart();
    for (const member of all) await untilCaughtUp(member, source);
    for (const member of keepers) {
      removeTemporaryDirectory(keptBy(member)!);
      expect(existsSync(join(member.dataDir, 'journal'))).toBe(true);
      await until('nothing is told any more', async () => (await problemsOf(member)).length === 0, 30_000);
    }
  },
);
