import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { MysqlServer } from '../../harness/servers/mysql/server.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

let source: MysqlServer;
let member: QuorateMember;

beforeAll(async () => {
  [source, member] = await Promise.all([MysqlServer.start({ flavour: 'mariadb' }), QuorateMember.start()]);
});
afterAll(() => Promise.all([member?.kill(), source?.remove()]));

test('a member stores what its source writes', async () => {
  await changeSyncer(member, 'startSyncer', sourceInput(source));
  await source.query('CREATE DATABASE shop');
  await untilCaughtUp(member, source);
  const { journal } = await member.run('{ journal { executedGtidSet } }');
  expect(journal.executedGtidSet).toBe(await source.gtidExecuted());
});
