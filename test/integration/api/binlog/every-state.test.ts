import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  restartJournalAfter,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { purge } from '../../../harness/servers/mysql/purge.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const servers = new ServerSet();
const members: QuorateMember[] = [];

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
});

async function started(dataDir?: string): Promise<QuorateMember> {
  const member = await QuorateMember.start(dataDir === undefined ? {} : { dataDir });
  members.push(member);
  return member;
}

async function remedies(member: QuorateMember): Promise<(string | null)[]> {
  const { cluster } = await member.run('{ cluster { problems { code remedies { mutation } } } }');
  const failed = cluster.problems.find(({ code }) => code === 'SYNCER_FAILED');
  return failed!.remedies.map(({ mutation }) => mutation);
}

/* Events that were lost, a source that was reset or has purged something: see ways-out.test.ts. */
describe('a state that nothing leads out of by itself is left by a mutation:', () => {
  test('a source of which the account may not know that it has purged something', async () => {
    const source = await servers.start({ flavour: 'mariadb' });
    await source.query("CREATE USER 'poor'@'%' IDENTIFIED BY 'replpw'");
    await source.query("GRANT REPLICATION SLAVE ON *.* TO 'poor'@'%'");
    await source.query('CREATE DATABASE d');
    const purged = await source.gtidExecuted();
    await purge(source);
    const member = await started();
    const refused = await changeSyncer(member, 'startSyncer', sourceInput(source, { user: 'poor' }));
    expect(refused.userErrors).toMatchObject([{ code: 'SOURCE_REFUSED' }]);
    expect(refused.userErrors[0]!.message).toMatch(/REPLICATION CLIENT.*startAfterGtidSet/);
    const done = await changeSyncer(
      member,
      'startSyncer',
      sourceInput(source, { user: 'poor', startAfterGtidSet: purged }),
    );
    expect(done.userErrors).toEqual([]);
    await source.query('CREATE DATABASE e');
    await untilCaughtUp(member, source);

    await changeSyncer(member, 'stopSyncer');
    await source.query('CREATE DATABASE f');
    const more = await source.gtidExecuted();
    await purge(source);
    await changeSyncer(member, 'startSyncer', sourceInput(source, { user: 'poor' }));
    await untilSyncer(member, ({ state }) => state === 'FAILED');
    expect(await remedies(member)).toContain('restartJournalAfter');
    expect((await restartJournalAfter(member, more)).userErrors).toEqual([]);
    await source.query('CREATE DATABASE g');
    await untilCaughtUp(member, source);
  });

  test('a journal of the other flavour', async () => {
    const [old, source] = [
      await servers.start({ flavour: 'mysql56' }),
      await servers.start({ flavour: 'mariadb' }),
    ];
    const member = await started();
    await changeSyncer(member, 'startSyncer', sourceInput(old));
    await old.query('CREATE DATABASE d');
    await untilCaughtUp(member, old);
    await source.query('CREATE DATABASE e');
    const startsAfter = await source.gtidExecuted();
    const moved = await changeSyncer(member, 'switchSource', { sourceAddress: source.address });
    expect(moved.userErrors).toMatchObject([{ code: 'SOURCE_REFUSED' }]);
    await changeSyncer(member, 'stopSyncer');
    expect((await restartJournalAfter(member, startsAfter)).userErrors).toEqual([]);
    expect((await changeSyncer(member, 'startSyncer', sourceInput(source))).userErrors).toEqual([]);
    await source.query('CREATE DATABASE f');
    const { purgedGtidSet } = await untilCaughtUp(member, source);
    expect(purgedGtidSet).toBe(startsAfter);
  });

  test('a journal whose files are gone', async () => {
    const source = await servers.start({ flavour: 'mariadb' });
    let member = await started();
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    await source.query('CREATE DATABASE d');
    await untilCaughtUp(member, source);
    await member.kill();
    rmSync(join(member.dataDir, 'journal'), { recursive: true });
    member = await started(member.dataDir);
    const failed = await untilSyncer(member, ({ state }) => state === 'FAILED');
    expect(failed.stateReason).toMatch(/files are missing.*restartJournalAfter/);
    expect((await restartJournalAfter(member, '')).userErrors).toEqual([]);
    await source.query('CREATE DATABASE e');
    await untilCaughtUp(member, source);
  });
});
