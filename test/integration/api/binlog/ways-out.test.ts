import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  restartJournalAfter,
  skipTransaction,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  syncerOf,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { FLAVOUR_NAMES, isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import type { FlavourName } from '../../../harness/servers/mysql/flavours/flavour.js';
import { purge } from '../../../harness/servers/mysql/purge.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

const servers = new ServerSet();
const members: QuorateMember[] = [];

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
});

async function started(): Promise<QuorateMember> {
  const member = await QuorateMember.start();
  members.push(member);
  return member;
}

/** @returns the port of a binlog server */
async function serve(member: QuorateMember): Promise<number> {
  const port = await freePort();
  await member.run(
    'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }',
    { input: { ...slaveAccount('b1', port), tls: { mode: 'DISABLED' } } },
  );
  return port;
}

async function replicaOf(port: number, flavour: FlavourName): Promise<MysqlServer> {
  const replica = await servers.start({ flavour });
  await replica.replication.follow({ port, user: 'slave', password: SLAVE_PASSWORD });
  return replica;
}

/** More than fits into the cache of a table without transactions. */
async function loseEvents(source: MysqlServer): Promise<void> {
  await source.query('CREATE TABLE d.m (id INT, data LONGBLOB) ENGINE = MyISAM');
  const insert = "INSERT INTO d.m VALUES (1, REPEAT('x', 100000)), (2, REPEAT('x', 100000))";
  await expect(source.query(insert)).rejects.toThrow(/max_binlog_stmt_cache_size/);
}

async function actions(member: QuorateMember, type: string): Promise<string[]> {
  const { actions: page } = await member.run(`{ actions(types: [${type}]) { nodes { description actor } } }`);
  return page.nodes.map(({ description }: { description: string }) => description);
}

describe.each(FLAVOUR_NAMES)('a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('has a way out:', () => {
    test('events that it has lost are passed over when that is decided, and replicas go on', async () => {
      const small = ['--binlog-stmt-cache-size=4096', '--max-binlog-stmt-cache-size=4096'];
      const source = await servers.start({ flavour, args: small });
      const member = await started();
      await changeSyncer(member, 'startSyncer', sourceInput(source));
      const port = await serve(member);
      await source.query('CREATE DATABASE d');
      const replica = await replicaOf(port, flavour);
      await loseEvents(source);
      const failed = await untilSyncer(member, ({ state }) => state === 'FAILED');
      const [, input, name] = /skipTransaction\((gtid|position): "([^"]+)"\)/.exec(failed.stateReason!)!;
      expect(input).toBe(flavour === 'mysql97' ? 'gtid' : 'position');

      const preview = await skipTransaction(member, { [input!]: name, dryRun: true });
      expect(preview).toMatchObject({ userErrors: [], revision: null });
      expect(preview.consequence).toContain(name);
      const stale = await skipTransaction(member, { [input!]: name, expectedRevision: '1' });
      expect(stale.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
      expect((await syncerOf(member)).state).toBe('FAILED');

      expect((await skipTransaction(member, { [input!]: name })).userErrors).toEqual([]);
      await source.query('CREATE DATABASE e');
      await untilCaughtUp(member, source);
      await replica.replication.reach(await source.gtidExecuted());
      expect(await actions(member, 'TRANSACTION_SKIPPED')).toEqual([expect.stringContaining(name!)]);
      const again = await skipTransaction(member, { [input!]: name });
      expect(again.userErrors).toHaveLength(1);
    });

    test('one that was reset is followed anew by a journal that takes the place of the old one', async () => {
      const source = await servers.start({ flavour });
      const member = await started();
      await changeSyncer(member, 'startSyncer', sourceInput(source));
      const port = await serve(member);
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      const old = await untilCaughtUp(member, source);
      const replica = await replicaOf(port, flavour);
      await replica.replication.reach(await source.gtidExecuted());
      // From now on it is known what the source must have.
      await changeSyncer(member, 'stopSyncer');
      await changeSyncer(member, 'startSyncer', sourceInput(source));
      await untilSyncer(member, ({ state }) => state === 'RUNNING');
      await source.query(flavour === 'mysql97' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
      const failed = await untilSyncer(member, ({ state }) => state === 'FAILED', 60_000);
      expect(failed.stateReason).toContain('restartJournalAfter');

      const wrong = await restartJournalAfter(member, old.executedGtidSet!, { dryRun: true });
      expect(wrong).toMatchObject({
        userErrors: [{ code: 'SOURCE_REFUSED', path: ['input', 'gtidSet'] }],
        ...{ discardedGtidSet: null, aheadGtidSet: null, missingGtidSet: null },
      });
      const preview = await restartJournalAfter(member, '', { dryRun: true });
      expect(preview).toMatchObject({
        ...{ userErrors: [], revision: null, discardedGtidSet: old.executedGtidSet },
        ...{ aheadGtidSet: old.executedGtidSet, missingGtidSet: '' },
        slaves: [{ serverId: String(replica.serverId) }],
        lostSlaves: [{ serverId: String(replica.serverId) }],
      });
      expect(existsSync(preview.folder!)).toBe(false);

      const done = await restartJournalAfter(member, '');
      expect(done).toMatchObject({ userErrors: [], folder: preview.folder });
      expect(readdirSync(done.folder!).some((name) => name.startsWith('quorate-binlog.'))).toBe(true);
      await source.query('CREATE DATABASE after_reset');
      await untilCaughtUp(member, source);
      const fresh = await replicaOf(port, flavour);
      await fresh.replication.reach(await source.gtidExecuted());
      expect(await actions(member, 'JOURNAL_RESTARTED')).toHaveLength(1);
      await until('the old replica is told', async () => {
        const { ioError } = await replica.replication.status();
        return ioError !== '';
      });
    });

    test('what it has purged meanwhile is passed over by a journal that begins behind it', async () => {
      const source = await servers.start({ flavour });
      const member = await started();
      await changeSyncer(member, 'startSyncer', sourceInput(source));
      await source.query('CREATE DATABASE d');
      await untilCaughtUp(member, source);
      await changeSyncer(member, 'stopSyncer');
      await source.query('CREATE DATABASE e');
      const purged = await source.gtidExecuted();
      await purge(source);
      const refused = await changeSyncer(member, 'startSyncer', sourceInput(source));
      expect(refused.userErrors[0]!.message).toContain('restartJournalAfter');
      const done = await restartJournalAfter(member, purged);
      expect(done.userErrors).toEqual([]);
      expect(done.missingGtidSet).not.toBe('');
      expect((await changeSyncer(member, 'startSyncer', sourceInput(source))).userErrors).toEqual([]);
      await source.query('CREATE DATABASE f');
      const { purgedGtidSet } = await untilCaughtUp(member, source);
      expect(purgedGtidSet!.replaceAll('\n', '')).toBe(purged);
    });
  });
});
