import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, BinlogServer, Journal, Slave, Syncer } from '../../harness/generated/answers.js';
import { untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { runQuorate, typeToQuorate } from '../../harness/servers/command.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { freePort } from '../../harness/servers/ports.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const servers = new ServerSet();
const passwordFile = join(temporaryDirectory('password'), 'repl.pw');
let source: MysqlServer;
let replica: MysqlServer;
let member: QuorateMember;

beforeAll(async () => {
  writeFileSync(passwordFile, `${REPL.password}\n`);
  [source, replica, member] = await Promise.all([
    servers.start({ flavour: 'mariadb' }),
    servers.start({ flavour: 'mariadb' }),
    QuorateMember.start({ args: ['--journal-segment-size', '4096'] }),
  ]);
});

afterAll(async () => {
  await member?.stop();
  await servers.remove();
});

async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runQuorate(args, { QUORATE_URL: member.url });
  expect(`${stderr}${status}`).toMatch(/0$/);
  return stdout;
}

const json = async <T>(...args: string[]): Promise<T> =>
  JSON.parse(await done(...args, '--output', 'json')) as T;

test('a source is followed, and a replica fed and disconnected', async () => {
  const account = ['--user', REPL.user, '--password-file', passwordFile];
  const identity = ['--server-id', String(member.port), '--server-uuid', randomUUID()];
  expect(await done('syncer', 'start', ...identity, '--source', source.address, ...account)).toContain(
    source.address,
  );
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text TEXT)');
  for (let i = 0; i < 20; i++) await source.query(`INSERT INTO shop.t (text) VALUES (REPEAT('x', 1000))`);
  await untilCaughtUp(member, source);
  expect(await done('syncer')).toMatch(/State +RUNNING\n/);

  const port = await freePort();
  const table = await done('binlog-servers', 'start', 'main', '--address', `127.0.0.1:${port}`, ...account);
  expect(table).toContain('every');
  await until(
    'it listens',
    async () => (await json<BinlogServer[]>('binlog-servers'))[0]?.state === 'RUNNING',
  );
  await replica.replication.follow({ port, ...REPL });
  await replica.replication.reach(await source.gtidExecuted());
  await until(
    'the slave is listed',
    async () => (await json<Slave[]>('slaves', '--binlog-server', 'main')).length === 1,
  );
  const [slave] = await json<Slave[]>('slaves');
  expect((await done('slaves')).split('\n')[1]?.split(/ +/).slice(0, 2)).toEqual([
    'main',
    slave!.connectionId,
  ]);
  expect(await done('slaves', 'disconnect', 'main', slave!.connectionId)).toContain('Disconnected');
  await replica.replication.stop();
  await until('it is gone', async () => (await json<Slave[]>('slaves')).length === 0);
  expect((await json<Answer['stopBinlogServer']>('binlog-servers', 'stop', 'main')).binlogServer?.state).toBe(
    'STOPPED',
  );
});

test('old segments are shown before they go, and go when the last is named', async () => {
  const before = await json<Journal>('journal', 'segments');
  expect(before.segments.length).toBeGreaterThan(3);
  const plan = await done('journal', 'purge', '--keep-bytes', '0', '--dry-run');
  expect(plan).toContain(before.segments[0]!.name);
  expect((await json<Journal>('journal', 'segments')).segments).toEqual(before.segments);

  const env = { QUORATE_URL: member.url };
  const unasked = await runQuorate(['journal', 'purge', '--keep-bytes', '0'], env);
  expect(unasked).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('would go') });
  expect((await runQuorate(['journal', 'purge'], env)).status).toBe(2);
  const last = before.segments.at(-2)!.name;
  const { status, screen } = await typeToQuorate(['journal', 'purge', '--keep-bytes', '0'], env, [
    [`Type "${last}"`, `${last}\r`],
  ]);
  expect({ status, screen }).toMatchObject({ status: 0 });
  expect((await json<Journal>('journal', 'segments')).segments.length).toBe(1);
});

test('the syncer is stopped and forgotten', async () => {
  expect(await done('syncer', 'stop')).toMatch(/State +STOPPED\n/);
  await done('syncer', 'stop', '--forget', '--yes');
  expect((await json<Syncer>('syncer')).passwordSet).toBe(false);
});
