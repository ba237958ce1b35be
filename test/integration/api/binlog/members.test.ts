import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../../harness/servers/etcd.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const TTL = ['--session-ttl', '2000'];
const servers = new ServerSet();
let etcd: EtcdCluster;
let source: MysqlServer;
let first: QuorateMember;
let second: QuorateMember;

beforeAll(async () => {
  source = await servers.start({ flavour: 'mysql56' });
  etcd = await startEtcd();
  first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, args: TTL });
  const { secretKey } = first;
  second = await QuorateMember.start({ name: 'm2', etcd: etcd.endpoints, secretKey, args: TTL });
});
afterAll(async () => {
  await Promise.all([first, second].map((member) => member?.kill()));
  await servers.remove();
  await etcd?.stop();
});

describe('the binlog half of several members', () => {
  test('is changed at any of them, and runs on the leader', async () => {
    const started = await changeSyncer(second, 'startSyncer', sourceInput(source));
    expect(started).toMatchObject({ userErrors: [], syncer: { sourceAddress: source.address } });
    await source.query('CREATE DATABASE shop');
    await untilCaughtUp(first, source);
    const seen = await untilSyncer(second, ({ state }) => state === 'RUNNING');
    expect(seen).toMatchObject({ sourceAddress: source.address, stateReason: null });
    const journalOf = async (member: QuorateMember) =>
      (await member.run('{ journal { holders { name } executedGtidSet committedOffset segments { name } } }'))
        .journal;
    const journal = await journalOf(first);
    expect(journal.holders).toEqual([{ name: 'm1' }, { name: 'm2' }]);
    await expect.poll(() => journalOf(second)).toEqual(journal);
  });

  test('has binlog servers where they are wanted', async () => {
    await second.run(
      `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }`,
      { input: { ...slaveAccount('b1', await freePort()), member: 'm1' } },
    );
    const input = { ...slaveAccount('b2', await freePort()), member: 'm2' };
    const { startBinlogServer } = await second.run(
      `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) {
         userErrors { code } binlogServer { state member { name } } } }`,
      { input },
    );
    expect(startBinlogServer.binlogServer!.member).toEqual({ name: 'm2' });
    await second.follow(
      'subscription { binlogServerStatus(name: "b2") { state } }',
      ({ binlogServerStatus }) => binlogServerStatus.state === 'RUNNING',
    );
    const { data } = await second.ask(
      'mutation { disconnectSlave(input: { binlogServer: "b2", connectionId: 1 }) { userErrors { code path } } }',
    );
    expect(data!.disconnectSlave.userErrors).toEqual([
      { code: 'NOT_FOUND', path: ['input', 'connectionId'] },
    ]);
  });

  test('goes on at the other one when the leader is gone, and commits once both are there', async () => {
    await first.kill();
    const clusterOf = async () =>
      (await second.run('{ cluster { leader { name } problems { severity subject message } } }')).cluster;
    await expect.poll(async () => (await clusterOf()).leader, { timeout: 20_000 }).toEqual({ name: 'm2' });
    await untilSyncer(second, ({ state }) => state === 'RUNNING');
    // The session of the one that is gone ends later than its leadership.
    await expect
      .poll(async () => (await clusterOf()).problems, { timeout: 10_000 })
      .toContainEqual({
        ...{ severity: 'CRITICAL', subject: 'members' },
        message: expect.stringContaining('nothing can be committed'),
      });
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    const gtids = await source.gtidExecuted();
    expect((await second.run('{ journal { executedGtidSet } }')).journal.executedGtidSet).not.toBe(gtids);
    const { dataDir } = first;
    first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, dataDir, args: TTL });
    await untilCaughtUp(second, source);
    await untilCaughtUp(first, source);
    await first.follow(
      'subscription { binlogServerStatus(name: "b1") { state } }',
      ({ binlogServerStatus }) => binlogServerStatus.state === 'RUNNING',
    );
  });

  test('goes on where leadership is handed to', async () => {
    const { transferLeadership } = await first.run(
      'mutation { transferLeadership(input: { to: "m1" }) { userErrors { code } member { name isLeader } } }',
    );
    expect(transferLeadership.member).toEqual({ name: 'm1', isLeader: true });
    await untilSyncer(first, ({ state }) => state === 'RUNNING');
    await source.query('CREATE TABLE shop.u (id INT PRIMARY KEY)');
    await untilCaughtUp(first, source);
    await untilCaughtUp(second, source);
  });

  test('fetches a journal anew that was damaged at one of them, and keeps the files', async () => {
    await second.stop();
    const { dataDir } = second;
    const { secretKey } = first;
    const segment = join(dataDir, 'journal', 'quorate-binlog.000001');
    const bytes = readFileSync(segment);
    bytes[200]! ^= 1;
    writeFileSync(segment, bytes);
    second = await QuorateMember.start({ name: 'm2', etcd: etcd.endpoints, dataDir, secretKey, args: TTL });
    await source.query('CREATE TABLE shop.v (id INT PRIMARY KEY)');
    await untilCaughtUp(second, source);
    expect(
      readFileSync(segment).equals(readFileSync(join(first.dataDir, 'journal', 'quorate-binlog.000001'))),
    ).toBe(true);
    expect(readFileSync(join(dataDir, 'journal.damaged', 'quorate-binlog.000001')).equals(bytes)).toBe(true);
  });
});
