import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';
import { until } from '../../../harness/until.js';

describe.each(['mysql97', 'mariadb'] as const)('a semi-synchronous source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('in the API', () => {
    const prefix = flavour === 'mysql97' ? 'rpl_semi_sync_source' : 'rpl_semi_sync_master';
    const servers = new ServerSet();
    let source: MysqlServer;
    let member: QuorateMember;

    beforeAll(async () => {
      source = await servers.start({ flavour, semiSync: 'source' });
      // Longer than any test: who is not acknowledged does not get on.
      await source.query(`SET GLOBAL ${prefix}_timeout = 600000`);
      member = await QuorateMember.start();
    });
    afterAll(async () => {
      await member?.stop();
      await servers.remove();
    });

    async function isActive(): Promise<boolean> {
      return (await member.run('{ syncer { semiSyncActive } }')).syncer.semiSyncActive;
    }

    async function warnings(): Promise<string[]> {
      const { cluster } = await member.run('{ cluster { problems { subject message } } }');
      return cluster.problems.filter((each) => each.subject === 'syncer').map((each) => each.message);
    }

    async function acknowledged(): Promise<number> {
      const [row] = await source.query(`SHOW GLOBAL STATUS LIKE '${prefix}_yes_tx'`);
      return Number(row!['Value']);
    }

    async function start(semiSync: boolean): Promise<void> {
      const { userErrors } = await changeSyncer(member, 'startSyncer', sourceInput(source, { semiSync }));
      expect(userErrors).toEqual([]);
      await untilSyncer(member, ({ state }) => state === 'RUNNING');
    }

    test('waits for the syncer that is to be waited for', async () => {
      await start(true);
      await until('it is active', isActive);
      const before = await acknowledged();
      for (const name of ['a', 'b', 'c']) await source.query(`CREATE DATABASE ${name}`);
      expect(await acknowledged()).toBe(before + 3);
      await untilCaughtUp(member, source);
      expect(await isActive()).toBe(true);
      expect(await warnings()).toEqual([]);
    });

    test('that switches it off is seen to, and that switches it on again', async () => {
      await source.query(`SET GLOBAL ${prefix}_enabled = OFF`);
      await until('it is not active any more', async () => !(await isActive()));
      await source.query('CREATE DATABASE d');
      await source.query(`SET GLOBAL ${prefix}_enabled = ON`);
      await source.query('CREATE DATABASE e');
      await until('it is active', isActive);
    });

    test('that has it off when it is followed is a warning', async () => {
      await changeSyncer(member, 'stopSyncer');
      await until('it is not active any more', async () => !(await isActive()));
      await source.query(`SET GLOBAL ${prefix}_enabled = OFF`);
      await start(true);
      expect(await isActive()).toBe(false);
      expect(await warnings()).toEqual([expect.stringContaining('is off at the source')]);
      await source.query('CREATE DATABASE f');
      await untilCaughtUp(member, source);
    });

    test('does not wait for one that is not to be waited for', async () => {
      await changeSyncer(member, 'stopSyncer');
      await start(false);
      expect(await isActive()).toBe(false);
      expect(await warnings()).toEqual([]);
    });
  });
});
