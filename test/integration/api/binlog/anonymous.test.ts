import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  skipTransaction,
  sourceInput,
  syncerOf,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { BinlogCluster } from '../../../harness/servers/binlog/binlog-cluster.js';
import { isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { TcpRelay } from '../../../harness/servers/tcp-relay.js';
import { until } from '../../../harness/until.js';

const cluster = new BinlogCluster();
const members: QuorateMember[] = [];
const relays: TcpRelay[] = [];
const REASON = /a transaction without a GTID at binlog\.\d+:\d+/;

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  for (const relay of relays.splice(0)) await relay.stop();
  await cluster.remove();
});

/** One transaction without a GTID, by way of ON_PERMISSIVE and back. */
async function commitAnonymously(source: MysqlServer): Promise<void> {
  await source.query('SET GLOBAL gtid_mode = ON_PERMISSIVE');
  const connection = await source.connect();
  await connection.query("SET SESSION gtid_next = 'ANONYMOUS'");
  await connection.query('INSERT INTO d.t VALUES (100)');
  await connection.query("SET SESSION gtid_next = 'AUTOMATIC'");
  connection.destroy();
  await source.query('SET GLOBAL gtid_mode = ON');
  await source.query('INSERT INTO d.t VALUES (101)');
}

/** As the state says that it can be done. */
async function skipNamed(member: QuorateMember, stateReason: string): Promise<void> {
  const [, position] = /skipTransaction\(position: "([^"]+)"\)/.exec(stateReason)!;
  expect((await skipTransaction(member, { position })).userErrors).toEqual([]);
}

async function filled(): Promise<MysqlServer> {
  const source = await cluster.server({ flavour: 'mysql97' });
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
  return source;
}

describe.skipIf(isMissing('mysql97'))('a transaction without a GTID', () => {
  test('ends the syncer, also over a restart, until it is skipped', async () => {
    const source = await filled();
    let member = await QuorateMember.start();
    members.push(member);
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    const before = await untilCaughtUp(member, source);
    await commitAnonymously(source);
    const failed = await untilSyncer(member, ({ state }) => state === 'FAILED');
    expect(failed.stateReason).toMatch(REASON);
    expect(failed.executedGtidSet).toBe(before.executedGtidSet);
    const { cluster: state } = await member.run('{ cluster { problems { severity subject message } } }');
    expect(state.problems).toContainEqual({
      ...{ severity: 'CRITICAL', subject: 'syncer', message: failed.stateReason },
    });

    await member.kill();
    member = await QuorateMember.start({ dataDir: member.dataDir });
    members.push(member);
    const again = await untilSyncer(member, ({ stateReason }) => stateReason !== null);
    expect(again).toMatchObject({ state: 'FAILED', stateReason: failed.stateReason });
    expect((await syncerOf(member)).executedGtidSet).toBe(before.executedGtidSet);

    await skipNamed(member, failed.stateReason!);
    await untilCaughtUp(member, source);
    // What was decided holds for good.
    await member.kill();
    member = await QuorateMember.start({ dataDir: member.dataDir });
    members.push(member);
    await source.query('INSERT INTO d.t VALUES (102)');
    await untilCaughtUp(member, source);
  });

  test('is found when it was committed while the member did not run', async () => {
    const source = await filled();
    let member = await QuorateMember.start();
    members.push(member);
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    const before = await untilCaughtUp(member, source);
    await member.kill();
    await commitAnonymously(source);
    member = await QuorateMember.start({ dataDir: member.dataDir });
    members.push(member);
    const failed = await untilSyncer(member, ({ state }) => state === 'FAILED');
    expect(failed.stateReason).toMatch(REASON);
    expect(failed.executedGtidSet).toBe(before.executedGtidSet);
    await changeSyncer(member, 'stopSyncer');
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    await untilSyncer(member, ({ state }) => state === 'FAILED');
    await skipNamed(member, failed.stateReason!);
    await untilCaughtUp(member, source);
  });

  test('is found when it was committed while the connection was lost', async () => {
    const source = await filled();
    const relay = await TcpRelay.start(source.port);
    relays.push(relay);
    const store = await cluster.store();
    await store.follow({ port: relay.port });
    const before = await source.gtidExecuted();
    await store.reach(before);
    relay.cut();
    await until('the source is lost', () => store.status.state === 'RETRYING');
    await commitAnonymously(source);
    relay.restore();
    await until('the source is refused', () => store.status.state === 'FAILED');
    expect(store.status.reason).toMatch(REASON);
    expect(store.executed).toBe(before);
  });

  test('is not feared where there was none: a source that is ON again is followed on', async () => {
    const source = await filled();
    const relay = await TcpRelay.start(source.port);
    relays.push(relay);
    const store = await cluster.store();
    await store.follow({ port: relay.port });
    await store.reach(await source.gtidExecuted());
    relay.cut();
    await until('the source is lost', () => store.status.state === 'RETRYING');
    await source.query('SET GLOBAL gtid_mode = ON_PERMISSIVE');
    await source.query('INSERT INTO d.t VALUES (1)');
    await source.query('SET GLOBAL gtid_mode = ON');
    await source.query('INSERT INTO d.t VALUES (2)');
    relay.restore();
    await store.reach(await source.gtidExecuted());
  });
});
