import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Answer, Journal } from '../../../harness/generated/answers.js';
import type { FlavourName } from '../../../harness/servers/mysql/flavours/flavour.js';
import { RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const SMALL = ['--journal-segment-size', '4096'];
const SEGMENT =
  'id name startOffset sizeBytes previousGtidSet addedGtidSet minTimestamp maxTimestamp createdAt';
const JOURNAL = 'startOffset committedOffset term holders { name } sizeBytes executedGtidSet purgedGtidSet';

describe.each<[FlavourName, string]>([
  ['mysql56', 'MYSQL'],
  ['mariadb', 'MARIADB'],
])('the journal of %s', (flavour, name) => {
  const servers = new ServerSet();
  let source: MysqlServer;
  let member: QuorateMember;

  async function write(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      await source.query(`INSERT INTO shop.t (text) VALUES (REPEAT('x', 1000))`);
    await untilCaughtUp(member, source);
  }

  async function journalOf(): Promise<Journal> {
    return (await member.run(`{ journal { ${JOURNAL} segments { ${SEGMENT} } } }`)).journal;
  }

  async function purge(input: Record<string, unknown>): Promise<Answer['purgeJournal']> {
    const { data, errors } = await member.ask(
      `mutation ($input: PurgeJournalInput!) { purgeJournal(input: $input) {
         userErrors { code path message } revision journal { startOffset } segments { name } } }`,
      { input },
    );
    if (!data) throw new Error(JSON.stringify(errors));
    return data.purgeJournal;
  }

  beforeAll(async () => {
    source = await servers.start({ flavour });
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text TEXT)');
    member = await QuorateMember.start({ args: SMALL });
  });
  afterAll(async () => {
    await member?.stop();
    await servers.remove();
  });

  test('is empty at first, which is no error, but nothing can be purged', async () => {
    expect(await journalOf()).toEqual({
      ...{ startOffset: null, committedOffset: null, term: null, holders: [], sizeBytes: null },
      ...{ executedGtidSet: null, purgedGtidSet: null, segments: [] },
    });
    expect((await purge({ keepBytes: '0' })).userErrors).toMatchObject([{ code: 'PRECONDITION_FAILED' }]);
  });

  test('holds what the source wrote, in segments without gaps', async () => {
    const started = await changeSyncer(member, 'startSyncer', sourceInput(source, { flavour: name }));
    expect(started.userErrors).toEqual([]);
    await write(30);
    const journal = await journalOf();
    expect(journal).toMatchObject({ startOffset: '0', holders: [{ name: 'm1' }], purgedGtidSet: '' });
    expect(journal.term).toMatch(/^\d+\.\d+$/);
    expect(journal.executedGtidSet!.replaceAll('\n', '')).toBe(await source.gtidExecuted());
    expect(journal.segments.length).toBeGreaterThan(4);
    let end = 0;
    for (const segment of journal.segments) {
      expect(Number(segment.startOffset)).toBe(end);
      end += Number(segment.sizeBytes);
      expect(Date.parse(segment.minTimestamp!)).toBeLessThanOrEqual(Date.parse(segment.maxTimestamp!));
    }
    expect(journal.committedOffset).toBe(String(end));
    expect(journal.sizeBytes).toBe(String(end));
    const { member: self } = await member.run('{ member(name: "m1") { journalOffset committedOffset lag } }');
    expect(self).toEqual({ journalOffset: String(end), committedOffset: String(end), lag: '0' });
  });

  test('is found by its id, and so is each of its segments', async () => {
    const { segments } = await journalOf();
    const { id, name } = segments[1]!;
    expect(await member.run(`{ journal { id } syncer { id } node(id: "${id}") { id __typename } }`)).toEqual({
      ...{ journal: { id: 'journal/default' }, syncer: { id: 'syncer/default' } },
      node: { id: `segment/default/${name}`, __typename: 'Segment' },
    });
  });

  test('finds segments by time and by GTIDs, and refuses what it cannot find', async () => {
    const { segments } = await journalOf();
    const ask = (args: string) => member.ask(`{ journal { segments(${args}) { name } } }`);
    const third = segments[2];
    expect((await ask(`covering: "${third!.addedGtidSet}"`)).data!.journal.segments).toEqual([
      { name: third!.name },
    ]);
    expect((await ask('at: "2001-01-01T00:00:00Z"')).data!.journal.segments).toEqual([]);
    expect((await ask('at: "2101-01-01T00:00:00Z"')).data!.journal.segments).toHaveLength(segments.length);
    const foreign = name === 'MYSQL' ? '0000c0de-0000-4000-8000-00000000dead:1' : '5-5-5';
    for (const [args, reason] of [
      [`covering: "${foreign}"`, /No segments hold/],
      ['covering: "no set"', /GTID/i],
      [`covering: "${foreign}", at: "2101-01-01T00:00:00Z"`, /not both/],
    ] as const) {
      const { errors } = await ask(args);
      expect(errors?.[0]).toMatchObject({
        message: expect.stringMatching(reason),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
  });

  test.each([
    ['nothing', {}],
    ['two things', { keepBytes: '1', toSegment: 'quorate-binlog.000002' }],
  ])('is not purged by %s', async (_, input) => {
    expect((await purge(input)).userErrors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input'] }]);
  });

  test('is purged to a segment, which a dry run only tells, and others are not found', async () => {
    const before = await journalOf();
    expect((await purge({ toSegment: 'binlog.999999' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'toSegment'] },
    ]);
    const toSegment = before.segments[2]!.name;
    const names = before.segments.slice(0, 2).map((segment) => ({ name: segment.name }));
    const dry = await purge({ toSegment, dryRun: true });
    expect(dry).toMatchObject({ userErrors: [], revision: null, segments: names });
    expect(await journalOf()).toEqual(before);
    const done = await purge({ toSegment });
    expect(done).toMatchObject({ userErrors: [], segments: names });
    const after = await journalOf();
    expect(after).toMatchObject({
      startOffset: before.segments[2]!.startOffset,
      purgedGtidSet: before.segments[2]!.previousGtidSet,
      executedGtidSet: before.executedGtidSet,
    });
    expect(after.segments).toEqual(before.segments.slice(2));
    const { actions } = await member.run(
      '{ actions(types: [JOURNAL_PURGED]) { nodes { revision description } } }',
    );
    expect(actions.nodes).toEqual([
      { revision: done.revision, description: expect.stringContaining(names[0]!.name) },
    ]);
  });

  test('goes on from where it begins after a restart', async () => {
    const before = await journalOf();
    await member.kill();
    member = await QuorateMember.start({ dataDir: member.dataDir, args: SMALL });
    await untilSyncer(member, ({ state }) => state === 'RUNNING');
    await write(1);
    expect(await journalOf()).toMatchObject({
      startOffset: before.startOffset,
      purgedGtidSet: before.purgedGtidSet,
    });
  });

  test('keeps what an attached slave still needs, unless forced', async () => {
    const port = await freePort();
    const started = await member.run(
      `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }`,
      { input: slaveAccount('b1', port) },
    );
    expect(started.startBinlogServer.userErrors).toEqual([]);
    const { purgedGtidSet } = await journalOf();
    const account = { user: 'slave', password: SLAVE_PASSWORD };
    const replica = await RawReplica.connect({ port, flavour, serverId: 78, ...account });
    try {
      await replica.dump({ gtids: purgedGtidSet });
      await replica.until(() => replica.stored.length > 4);
      // It reads no more: far more is to come than what is on its way already.
      replica.pause();
      for (let i = 0; i < 30; i++)
        await source.query(`INSERT INTO shop.t (text) VALUES (REPEAT('y', 60000)), (REPEAT('z', 60000))`);
      for (let i = 0; i < 7; i++)
        await source.query('INSERT INTO shop.t (text) SELECT text FROM shop.t LIMIT 100');
      await untilCaughtUp(member, source);
      await member.follow('subscription { slaveStatus { lagBytes } }', ({ slaveStatus }) =>
        slaveStatus.some((slave) => Number(slave.lagBytes) > 100_000),
      );
      const refused = await purge({ keepBytes: '0' });
      expect(refused).toMatchObject({ userErrors: [{ code: 'IN_USE' }], revision: null, segments: [] });
      expect(refused.userErrors[0]!.message).toMatch(/Slave \d+ of binlog server b1 \(server_id 78/);
      const forced = await purge({ keepBytes: '0', force: true });
      expect(forced.userErrors).toEqual([]);
      const { segments } = await journalOf();
      expect(segments).toHaveLength(1);
    } finally {
      replica.close();
    }
  });

  test('is kept within what the settings say', async () => {
    await write(12);
    const before = await journalOf();
    expect(before.segments.length).toBeGreaterThan(2);
    await member.stop();
    const args = [...SMALL, '--journal-keep-bytes', '4096'];
    member = await QuorateMember.start({ dataDir: member.dataDir, args });
    const events = await member.follow(
      `subscription { journalStatus { startOffset committedOffset } }`,
      ({ journalStatus: { startOffset } }) => Number(startOffset) > Number(before.startOffset),
    );
    const { startOffset, committedOffset } = events.at(-1)!.journalStatus;
    expect(Number(committedOffset) - Number(startOffset)).toBeGreaterThanOrEqual(4_096);
  });
});

describe('a journal that cannot be opened', () => {
  test('stops nothing but the binlog half, which says why, and works once it can be', async () => {
    let member = await QuorateMember.start();
    try {
      await member.stop();
      const stray = join(member.dataDir, 'journal', 'quorate-binlog.000001');
      writeFileSync(stray, 'no binlog');
      member = await QuorateMember.start({ dataDir: member.dataDir });
      const { stateReason } = await untilSyncer(member, (syncer) => syncer.stateReason !== null);
      const port = await freePort();
      const { startBinlogServer } = await member.run(
        `mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) {
           userErrors { message } binlogServer { state stateReason } } }`,
        { input: slaveAccount('b1', port) },
      );
      expect(startBinlogServer.binlogServer).toEqual({ state: 'FAILED', stateReason });
      const away = sourceInput({ address: '127.0.0.1:1' });
      expect((await changeSyncer(member, 'startSyncer', away)).userErrors).toMatchObject([
        { code: 'UNHEALTHY', message: expect.stringContaining(stateReason!) },
      ]);
      const { cluster } = await member.run('{ cluster { health problems { severity subject message } } }');
      expect(cluster).toMatchObject({ health: 'DOWN' });
      expect(cluster.problems).toContainEqual({
        ...{ severity: 'CRITICAL', subject: 'journal', message: stateReason },
      });
      await member.run('mutation { createGroup(input: { number: 1 }) { userErrors { message } } }');
      rmSync(stray);
      await untilSyncer(member, (syncer) => syncer.stateReason === null, 60_000);
      await member.follow(
        'subscription { binlogServerStatus(name: "b1") { state } }',
        ({ binlogServerStatus }) => binlogServerStatus.state === 'RUNNING',
      );
    } finally {
      await member.stop();
    }
  });
});
