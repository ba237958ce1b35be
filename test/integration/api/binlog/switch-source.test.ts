import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  OUR_UUID,
  sourceInput,
  syncerOf,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const servers = new ServerSet();
let first: MysqlServer;
let second: MysqlServer;
let member: QuorateMember;

beforeAll(async () => {
  first = await servers.start({ flavour: 'mysql56' });
  second = await servers.start({ flavour: 'mysql56' });
  await first.query('CREATE DATABASE shop');
  await first.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  await second.replication.follow({ port: first.port });
  await second.replication.reach(await first.gtidExecuted());
  member = await QuorateMember.start();
  await changeSyncer(member, 'startSyncer', sourceInput(first));
  await untilCaughtUp(member, first);
});
afterAll(async () => {
  await member?.stop();
  await servers.remove();
});

const to = (server: MysqlServer, more = {}) =>
  changeSyncer(member, 'switchSource', { sourceAddress: server.address, ...more });

describe('switching the source', () => {
  test('is refused to what cannot be followed, and nothing changes', async () => {
    const before = await syncerOf(member);
    const malformed = await changeSyncer(member, 'switchSource', { sourceAddress: 'nowhere' });
    expect(malformed.userErrors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', 'sourceAddress'] }]);
    const away = { sourceAddress: `127.0.0.1:${await freePort()}` };
    expect((await changeSyncer(member, 'switchSource', away)).userErrors).toMatchObject([
      { code: 'SOURCE_UNAVAILABLE', path: ['input', 'sourceAddress'] },
    ]);
    const denied = await to(second, { password: 'wrong-secret-9123' });
    expect(denied.userErrors).toMatchObject([{ code: 'SOURCE_REFUSED' }]);
    expect(denied.userErrors[0]!.message).not.toContain('wrong-secret');
    expect(await syncerOf(member)).toMatchObject({
      sourceAddress: before.sourceAddress,
      revision: before.revision,
    });
  });

  test('by a dry run only tells whether it would work', async () => {
    const before = await syncerOf(member);
    expect(await to(second, { dryRun: true })).toMatchObject({
      ...{ userErrors: [], revision: null, proposal: null },
      syncer: { sourceAddress: first.address, revision: before.revision },
    });
  });

  test('goes on from the new one, with the password that it had', async () => {
    const done = await to(second);
    expect(done).toMatchObject({ userErrors: [], syncer: { sourceAddress: second.address } });
    await second.replication.stop();
    await second.query('INSERT INTO shop.t VALUES (2)');
    await untilCaughtUp(member, second);
    const { actions } = await member.run(
      '{ actions(types: [SYNCER_CHANGED]) { nodes { revision description } } }',
    );
    expect(actions.nodes).toContainEqual({
      revision: done.revision,
      description: `Switched the syncer from ${first.address} to ${second.address}`,
    });
  });

  test('is refused to one that lacks what the journal has, unless forced', async () => {
    // Only the second server has what was written there, under its own UUID.
    const refused = await to(first);
    expect(refused).toMatchObject({ revision: null, userErrors: [{ code: 'SOURCE_REFUSED' }] });
    expect(refused.userErrors[0]!.message).toContain('never had');
    expect((await to(first, { force: true, dryRun: true })).userErrors).toEqual([]);
    expect((await to(first, { force: true })).userErrors).toEqual([]);
    await first.query('INSERT INTO shop.t VALUES (3)');
    const [own] = (await first.gtidExecuted()).split(',');
    const { executedGtidSet } = await untilSyncer(
      member,
      (syncer) => syncer.executedGtidSet?.includes(own!) === true,
    );
    expect(executedGtidSet).toContain(
      String((await second.query('SELECT @@server_uuid u'))[0]!['u']).toLowerCase(),
    );
  });

  test('stays forced over a stop and a start', async () => {
    await changeSyncer(member, 'stopSyncer');
    expect((await changeSyncer(member, 'startSyncer', sourceInput(first))).userErrors).toEqual([]);
    await untilSyncer(member, ({ state }) => state === 'RUNNING');
  });

  test('is refused even by force when the source would give GTIDs of the journal to other transactions', async () => {
    await first.query('INSERT INTO shop.t VALUES (4)');
    const own = (await first.gtidExecuted()).split(',')[0]!;
    await untilSyncer(member, (syncer) => syncer.executedGtidSet?.includes(own) === true);
    await first.query('RESET MASTER');
    const refused = await to(first, { force: true });
    expect(refused.userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', message: expect.stringContaining('never had') },
    ]);
  });

  test('is refused even by force to one that has purged what the journal needs', async () => {
    const has = (await syncerOf(member)).executedGtidSet!.replaceAll('\n', '');
    await second.query('RESET MASTER');
    await second.query(`SET GLOBAL gtid_purged = '${has},${OUR_UUID}:1'`);
    const refused = await to(second, { force: true });
    expect(refused.userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', message: expect.stringContaining('purged') },
    ]);
  });
});
