import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../support/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../../support/etcd.js';
import type { MysqlServer } from '../../../support/mysql/server.js';
import { ServerSet } from '../../../support/mysql/server-set.js';
import { freePort } from '../../../support/ports.js';
import { QuorateMember } from '../../../support/quorate.js';

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
    const seen = await untilSyncer(second, ({ sourceAddress }) => sourceAddress === source.address);
    expect(seen).toMatchObject({ state: 'STOPPED', stateReason: expect.stringContaining('leads') });
    const { journal } = await second.run<any>('{ journal { holders { name } segments { name } } }');
    expect(journal).toEqual({ holders: [{ name: 'm1' }], segments: [] });
  });

  test('has binlog servers where they are wanted', async () => {
    await second.run<any>(
      `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }`,
      { input: { ...slaveAccount('b1', await freePort()), member: 'm1' } },
    );
    const input = { ...slaveAccount('b2', await freePort()), member: 'm2' };
    const { startBinlogServer } = await second.run<any>(
      `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) {
         userErrors { code } binlogServer { state member { name } } } }`,
      { input },
    );
    expect(startBinlogServer.binlogServer.member).toEqual({ name: 'm2' });
    await second.follow<any>(
      'subscription { binlogServerStatus(name: "b2") { state } }',
      ({ binlogServerStatus }) => binlogServerStatus.state === 'RUNNING',
    );
    const { data } = await second.ask<any>(
      'mutation { disconnectSlave(input: { binlogServer: "b2", connectionId: 1 }) { userErrors { code path } } }',
    );
    expect(data.disconnectSlave.userErrors).toEqual([
      { code: 'UNSUPPORTED', path: ['input', 'binlogServer'] },
    ]);
  });

  test('does not run on a leader that lacks the journal, which says so, and goes on where it is', async () => {
    await first.kill();
    const unfit = await untilSyncer(second, ({ state }) => state === 'FAILED');
    expect(unfit.stateReason).toMatch(/files are missing/);
    const { cluster } = await second.run<any>(
      '{ cluster { leader { name } problems { severity subject message } } }',
    );
    expect(cluster.leader).toEqual({ name: 'm2' });
    expect(cluster.problems).toContainEqual({
      ...{ severity: 'CRITICAL', subject: 'journal', message: unfit.stateReason },
    });
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    const { dataDir } = first;
    first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, dataDir, args: TTL });
    // It has the journal, but it does not know what of it is committed: replicas would be told too little.
    const events = await first.follow<any>(
      'subscription { binlogServerStatus(name: "b1") { state stateReason } }',
      ({ binlogServerStatus: { state, stateReason } }) => state === 'RUNNING' || stateReason !== null,
    );
    expect(events.at(-1).binlogServerStatus).toEqual({
      ...{ state: 'STARTING', stateReason: expect.stringContaining('is committed') },
    });
    await second.stop();
    await first.follow<any>(
      'subscription { binlogServerStatus(name: "b1") { state } }',
      ({ binlogServerStatus }) => binlogServerStatus.state === 'RUNNING',
    );
    await untilCaughtUp(first, source);
    await untilSyncer(first, ({ state }) => state === 'RUNNING');
    const { binlogServer } = await first.run<any>(
      '{ binlogServer(name: "b2") { state stateReason member { name state } } }',
    );
    expect(binlogServer).toEqual({
      ...{ state: 'FAILED', stateReason: 'Member m2 does not run.' },
      member: { name: 'm2', state: 'UNREACHABLE' },
    });
  });
});
