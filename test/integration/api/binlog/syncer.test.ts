import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  OUR_ID,
  OUR_UUID,
  sourceInput,
  syncerOf,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { REPL } from '../../../harness/servers/mysql/accounts.js';
import type { FlavourName } from '../../../harness/servers/mysql/flavours/flavour.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

describe.each<[FlavourName, string, string]>([
  ['mysql56', 'MYSQL', 'MARIADB'],
  ['mariadb', 'MARIADB', 'MYSQL'],
])('a syncer of %s', (flavour, ours, other) => {
  const servers = new ServerSet();
  let source: MysqlServer;
  let member: QuorateMember;

  beforeAll(async () => {
    source = await servers.start({ flavour });
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    member = await QuorateMember.start();
  });
  afterAll(async () => {
    await member?.stop();
    await servers.remove();
  });

  test('is not there at first, and says so', async () => {
    expect(await syncerOf(member)).toEqual({
      ...{ state: 'STOPPED', stateReason: null, sourceAddress: null, flavour: null, revision: null },
      ...{ executedGtidSet: null, purgedGtidSet: null },
    });
    expect((await changeSyncer(member, 'stopSyncer')).userErrors).toMatchObject([{ code: 'NOT_RUNNING' }]);
    const moved = await changeSyncer(member, 'switchSource', { sourceAddress: source.address });
    expect(moved.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test.each([
    ['serverId', { serverId: '0' }],
    ['serverId', { serverId: '4294967296' }],
    ['serverUuid', { serverUuid: 'none' }],
    ['sourceAddress', { sourceAddress: 'nowhere' }],
    ['user', { user: '' }],
    ['tls.ca', { tls: { ca: 'no certificate' } }],
    ['tls.key', { tls: { cert: 'no certificate' } }],
    ['startAfterGtidSet', { startAfterGtidSet: 'nonsense' }],
  ])('is refused for a bad %s, with the path', async (path, bad) => {
    const { userErrors, revision, proposal } = await changeSyncer(
      member,
      'startSyncer',
      sourceInput(source, bad),
    );
    expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', ...path.split('.')] }]);
    expect({ revision, proposal }).toEqual({ revision: null, proposal: null });
  });

  test('is refused what the source refuses, in its words and without the password', async () => {
    const bad = sourceInput(source, { password: 'wrong-secret-4411' });
    const { userErrors } = await changeSyncer(member, 'startSyncer', bad);
    expect(userErrors).toMatchObject([{ code: 'SOURCE_REFUSED', path: ['input', 'sourceAddress'] }]);
    expect(userErrors[0]!.message).toContain(`does not let the user '${REPL.user}' in`);
    expect(userErrors[0]!.message).not.toContain('wrong-secret');
    const same = sourceInput(source, { serverId: String(source.serverId) });
    expect((await changeSyncer(member, 'startSyncer', same)).userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', message: expect.stringContaining('server_id') },
    ]);
    const wrong = sourceInput(source, { flavour: other });
    expect((await changeSyncer(member, 'startSyncer', wrong)).userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', path: ['input', 'flavour'], message: expect.stringContaining(ours) },
    ]);
    const away = sourceInput({ address: `127.0.0.1:${await freePort()}` });
    expect((await changeSyncer(member, 'startSyncer', away)).userErrors).toMatchObject([
      { code: 'SOURCE_UNAVAILABLE', path: ['input', 'sourceAddress'] },
    ]);
    expect((await syncerOf(member)).revision).toBeNull();
    expect(await member.run('{ actions(types: [SYNCER_CHANGED]) { nodes { id } } }')).toEqual({
      actions: { nodes: [] },
    });
  });

  test('is refused to start after transactions that the source does not have, or of the other flavour', async () => {
    const [mine, foreign] = ours === 'MYSQL' ? [`${OUR_UUID}:1-5`, '0-7-5'] : ['9-9-100', `${OUR_UUID}:1-5`];
    const ahead = sourceInput(source, { startAfterGtidSet: mine });
    expect((await changeSyncer(member, 'startSyncer', ahead)).userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', message: expect.stringContaining('never had') },
    ]);
    const mixed = sourceInput(source, { startAfterGtidSet: foreign });
    expect((await changeSyncer(member, 'startSyncer', mixed)).userErrors).toMatchObject([
      { code: 'SOURCE_REFUSED', path: ['input', 'startAfterGtidSet'] },
    ]);
  });

  test('follows its source once it was started, and is told of as it is', async () => {
    const started = await changeSyncer(member, 'startSyncer', sourceInput(source, { flavour: ours }));
    expect(started.userErrors).toEqual([]);
    expect(started.syncer).toMatchObject({ sourceAddress: source.address, revision: started.revision });
    expect(started.syncer.state).toMatch(/CONNECTING|RUNNING/);
    await source.query('INSERT INTO shop.t VALUES (1), (2)');
    await untilCaughtUp(member, source);
    const { syncer } = await member.run(
      `{ syncer { state serverId serverUuid user passwordSet semiSync semiSyncActive flavour sourceVersion currentGtid
         lastBinlogFile lastFilePosition secondsBehindSource connectedAt reconnects } }`,
    );
    expect(syncer).toMatchObject({
      ...{ state: 'RUNNING', serverId: OUR_ID, serverUuid: OUR_UUID, user: REPL.user, passwordSet: true },
      ...{ semiSync: false, semiSyncActive: false, flavour: ours, reconnects: 0 },
      secondsBehindSource: expect.any(Number),
    });
    expect(syncer.sourceVersion).toMatch(ours === 'MYSQL' ? /^5\.6/ : /MariaDB/);
    const files = await source.binlogFiles();
    expect(syncer.lastBinlogFile).toBe(files.at(-1)!.name);
    expect(syncer.lastFilePosition).toBe(String(files.at(-1)!.size));
    expect(Number.isNaN(Date.parse(syncer.connectedAt!))).toBe(false);
    expect((await source.gtidExecuted()).split(',').some((set) => covers(set, syncer.currentGtid!))).toBe(
      true,
    );
  });

  test('is there once: a second start is refused, and an unexpected revision', async () => {
    const again = await changeSyncer(member, 'startSyncer', sourceInput(source));
    expect(again.userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
    expect(again.userErrors[0]!.message).toMatch(/stopSyncer.*switchSource/);
    const other = await changeSyncer(member, 'startSyncer', sourceInput(source, { expectedRevision: '1' }));
    expect(other.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'expectedRevision'] }]);
  });

  test('goes on as it was after a restart of the member, also after it was killed', async () => {
    await member.stop();
    await source.query('INSERT INTO shop.t VALUES (3)');
    member = await QuorateMember.start({ dataDir: member.dataDir });
    await untilCaughtUp(member, source);
    await member.kill();
    await source.query('INSERT INTO shop.t VALUES (4)');
    member = await QuorateMember.start({ dataDir: member.dataDir });
    await untilCaughtUp(member, source);
    await untilSyncer(member, ({ state }) => state === 'RUNNING');
  });

  test('stays stopped when it was stopped, also over a restart', async () => {
    const stopped = await changeSyncer(member, 'stopSyncer');
    expect(stopped).toMatchObject({ userErrors: [], syncer: { state: 'STOPPED', stateReason: null } });
    expect((await changeSyncer(member, 'stopSyncer')).userErrors).toMatchObject([{ code: 'NOT_RUNNING' }]);
    const had = (await syncerOf(member)).executedGtidSet;
    await member.stop();
    await source.query('INSERT INTO shop.t VALUES (5)');
    member = await QuorateMember.start({ dataDir: member.dataDir });
    // Answered by a member that has its journal in hand, and would follow by now.
    const tried = await changeSyncer(member, 'switchSource', { sourceAddress: source.address, dryRun: true });
    expect(tried).toMatchObject({ userErrors: [], revision: null });
    expect(tried.syncer).toMatchObject({ state: 'STOPPED', sourceAddress: source.address });
    expect(tried.syncer.executedGtidSet).toBe(had);
  });

  test('cannot be told where to begin once the journal has begun', async () => {
    const set = (await syncerOf(member)).executedGtidSet;
    const begun = await changeSyncer(member, 'startSyncer', sourceInput(source, { startAfterGtidSet: set }));
    expect(begun.userErrors).toMatchObject([
      { code: 'PRECONDITION_FAILED', path: ['input', 'startAfterGtidSet'] },
    ]);
    expect((await changeSyncer(member, 'startSyncer', sourceInput(source))).userErrors).toEqual([]);
    await untilCaughtUp(member, source);
  });

  test('is forgotten with its password, and the journal stays', async () => {
    const { executedGtidSet } = await untilCaughtUp(member, source);
    const forgotten = await changeSyncer(member, 'stopSyncer', { forget: true });
    expect(forgotten.syncer).toMatchObject({ state: 'STOPPED', sourceAddress: null, executedGtidSet });
    expect(await member.run('{ syncer { passwordSet user serverId } }')).toEqual({
      syncer: { passwordSet: false, user: null, serverId: null },
    });
    expect((await changeSyncer(member, 'startSyncer', sourceInput(source))).userErrors).toEqual([]);
    await untilSyncer(member, ({ state }) => state === 'RUNNING');
  });

  test('tries again while its source is away, and says so until it is back', async () => {
    await source.kill();
    await untilSyncer(
      member,
      ({ state, stateReason }) => state === 'RETRYING' && stateReason!.includes(source.address),
    );
    await source.restart();
    await source.query('INSERT INTO shop.t VALUES (6)');
    await untilCaughtUp(member, source);
    const { syncer } = await member.run('{ syncer { state stateReason reconnects } }');
    expect(syncer).toMatchObject({ state: 'RUNNING', stateReason: null });
    expect(syncer.reconnects).toBeGreaterThan(0);
  });
});

/** Whether a set of one source ends with that GTID. */
function covers(set: string, gtid: string): boolean {
  if (!gtid.includes(':')) return set === gtid;
  const [uuid, number] = gtid.split(':');
  return set.startsWith(`${uuid}:`) && new RegExp(`[:-]${number}$`).test(set);
}
