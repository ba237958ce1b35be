import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { removeSmallDisks, smallDisk } from '../../harness/faults/small-disk.js';
import { until } from '../../harness/until.js';

const cluster = new BinlogCluster();

afterEach(async () => {
  await cluster.remove();
  removeSmallDisks();
});

describe.each(FLAVOUR_NAMES)('a full disk behind %s', (flavour) => {
  test.skipIf(isMissing(flavour))(
    'is told at once, readers go on, and so does the syncer when there is room again',
    async (context) => {
      const disk = smallDisk(48);
      if (disk === null) return context.skip('needs the right to mount a tmpfs');
      const source = await cluster.server({ flavour });
      const store = await cluster.store({ journalDirectory: join(disk, 'journal'), segmentBytes: 2 ** 20 });
      await store.follow(source);
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
      await store.reach(await source.gtidExecuted());
      const filler = join(disk, 'filler');
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 300_000));
      // One transaction alone: nothing that comes behind it makes the writer look at its own error.
      await source.query("INSERT INTO d.t VALUES (1, REPEAT('x', 900000))");
      await until('the disk is told to be full', () => store.status.state === 'RETRYING', 5_000);
      expect(store.status.reason).toMatch(/ENOSPC|no space/i);

      const replica = await cluster.replica(store, { flavour });
      await replica.replication.reach(store.executed);
      for (let id = 2; id < 12; id++)
        await source.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', 900000))`);
      await until('it is tried again', () => store.status.reconnects > 2);
      rmSync(filler);
      await expectEqual(source, store, replica);
    },
  );
});
