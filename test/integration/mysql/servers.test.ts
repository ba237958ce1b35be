import { afterEach, describe, expect, test } from 'vitest';
import { checksums } from '../../harness/checkers/mysql/checksum.js';
import { dump, load } from '../../harness/checkers/mysql/dump.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';

const servers = new ServerSet();

afterEach(() => servers.remove());

describe.each(FLAVOUR_NAMES)('%s', (flavour) => {
  describe.skipIf(isMissing(flavour))('as source and replica', () => {
    test('a replica from empty and one from a dump have what the source has', async () => {
      const source = await servers.start({ flavour });
      const fromEmpty = await servers.start({ flavour });
      await fromEmpty.replication.follow(source);
      expect(await runWorkload(source, { seed: 1, transactions: 800 })).toBe(800);

      const taken = await dump(source);
      expect(taken.gtids).toBe(await source.gtidExecuted());
      await fromEmpty.replication.reach(taken.gtids);
      const wanted = await checksums(source);
      expect(Object.keys(wanted).length).toBeGreaterThan(20);
      expect(await checksums(fromEmpty)).toEqual(wanted);
      await fromEmpty.remove();

      const fromDump = await servers.start({ flavour });
      await load(fromDump, taken);
      expect(await checksums(fromDump)).toEqual(wanted);
      await fromDump.replication.follow(source);
      await runWorkload(source, { seed: 2, transactions: 800 });
      await fromDump.replication.reach(await source.gtidExecuted());
      expect(await checksums(fromDump)).toEqual(await checksums(source));
      const status = await fromDump.replication.status();
      expect(status).toMatchObject({
        io: 'running',
        sql: 'running',
        ioError: '',
        sqlError: '',
      });
      expect(status.executed).toBe(await source.gtidExecuted());
    });

    test('the workload makes the same tables wherever it runs', async () => {
      const [one, other] = [await servers.start({ flavour }), await servers.start({ flavour })];
      await Promise.all([one, other].map((each) => runWorkload(each, { seed: 4, transactions: 400 })));
      const made = await checksums(one);
      expect(await checksums(other)).toEqual(made);
      await runWorkload(other, { seed: 5, transactions: 10 });
      expect(Object.keys(await checksums(other)).length).toBeGreaterThan(Object.keys(made).length);
    });
  });
});
