import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../../harness/servers/binlog/binlog-api.js';
import { LONG_HEAD, LONG_HEADS, LONG_NAMES, runAll } from '../../../harness/binlog/statements.js';
import type { FlavourName } from '../../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOURS, FLAVOUR_NAMES, isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { launchQuorate, QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const servers = new ServerSet();
const members: QuorateMember[] = [];
/** In this much the files are read: each cut is in the middle of such a statement. */
const READ_BYTES = 2 ** 20;

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
});

async function start(dataDir?: string): Promise<QuorateMember> {
  const member = await QuorateMember.start(dataDir === undefined ? {} : { dataDir });
  members.push(member);
  return member;
}

/**
 * A replica of the member. One of MySQL 5.6 receives such statements, and fails to apply them of its own source, too; so there
 * it is asked what it has received.
 */
async function follower(
  flavour: FlavourName,
  port: number,
  login: { readonly user: string; readonly password: string },
): Promise<{ reaches(set: string): Promise<void> }> {
  const replica = await servers.start({ flavour });
  await replica.replication.configure({ port, ...login });
  if (flavour !== 'mysql56') {
    await replica.replication.start();
    return { reaches: (set) => replica.replication.reach(set) };
  }
  await replica.query('START SLAVE IO_THREAD');
  const received = async (): Promise<string> => {
    const [row] = await replica.query('SHOW SLAVE STATUS');
    return String(row!['Retrieved_Gtid_Set']);
  };
  return { reaches: (set) => until('all is received', async () => (await received()) === set) };
}

describe.each(FLAVOUR_NAMES)('statements over 16 databases with long names in %s', (flavour) => {
  test.skipIf(isMissing(flavour))(
    'pass through to replicas and tools, and a member that is killed goes on with them',
    { timeout: 300_000 },
    async () => {
      const source = await servers.start({ flavour });
      let member = await start();
      await changeSyncer(member, 'startSyncer', sourceInput(source));
      const account = slaveAccount('b1', await freePort());
      await member.run(
        'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
        { input: account },
      );
      const { user, password, address } = account;
      const port = Number(address.split(':')[1]);
      const replica = await follower(flavour, port, { user, password });

      await runAll(source, [...LONG_NAMES, ...LONG_HEADS]);
      const files = () => source.binlogFiles();
      while ((await files()).reduce((sum, { size }) => sum + size, 0) < 3 * READ_BYTES)
        await runAll(source, new Array<string>(50).fill(LONG_HEAD));
      await untilCaughtUp(member, source);
      await replica.reaches(await source.gtidExecuted());

      await member.kill();
      const directory = join(member.dataDir, 'journal');
      const verification = launchQuorate(['journal', 'verify', directory]);
      expect(await verification.exited).toBe(0);
      expect(verification.output).toContain(' 0 problems');
      member = await start(member.dataDir);
      await source.query('CREATE TABLE `' + 'а'.repeat(64) + '`.more (id INT)');
      await untilCaughtUp(member, source);
      await replica.reaches(await source.gtidExecuted());
      const { cluster } = await member.run('{ cluster { problems { severity subject message } } }');
      expect(cluster.problems.filter(({ severity }) => severity === 'CRITICAL')).toEqual([]);

      const { binlog } = FLAVOURS[flavour];
      if (binlog === null) return;
      const [command, ...args] = binlog;
      const remote = ['--read-from-remote-server', '--host=127.0.0.1', `--port=${port}`];
      const { journal } = await member.run('{ journal { segments { name } } }');
      const first = journal.segments[0]!.name as string;
      const output = execFileSync(
        command,
        [...args, ...remote, `--user=${user}`, `--password=${password}`, '--to-last-log', first],
        { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      expect(output.match(/^DROP TABLE IF EXISTS/gm)!.length).toBeGreaterThan(100);
      expect(output).toContain('.more (id INT)');
    },
  );
});
