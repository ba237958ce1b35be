import { afterEach, describe, expect, test } from 'vitest';
import { BinlogStore, type BinlogStoreOptions } from '../../harness/servers/binlog/binlog-store.js';
import { checksums } from '../../harness/checkers/mysql/checksum.js';
import { dump, load } from '../../harness/checkers/mysql/dump.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';

/** 100,000 for the long variant. */
const TRANSACTIONS = Number(process.env['QUORATE_BINLOG_TRANSACTIONS'] ?? 1_500);
const PATIENCE_MS = 60_000 + 20 * TRANSACTIONS;

const servers = new ServerSet();
let store: BinlogStore | null = null;

async function startStore(options: BinlogStoreOptions = {}): Promise<BinlogStore> {
  return (store = await BinlogStore.start(options));
}

afterEach(async () => {
  await store?.stop();
  store = null;
  await servers.remove();
});

describe.each(FLAVOUR_NAMES)('%s', (flavour) => {
  describe.skipIf(isMissing(flavour))('through the binlog server', () => {
    test(
      'replicas end up with what the source has, from empty and from a dump',
      async () => {
        const source = await servers.start({ flavour });
        const own = await startStore({ segmentBytes: 8 * 2 ** 20 });
        await own.follow(source);
        await runWorkload(source, { seed: 1, transactions: Math.ceil(TRANSACTIONS / 3) });
        const saved = await dump(source);
        const fromEmpty = await servers.start({ flavour });
        await fromEmpty.replication.follow({ port: own.port });
        await runWorkload(source, { seed: 2, transactions: Math.ceil(TRANSACTIONS / 3) });
        await source.rotate();
        const fromDump = await servers.start({ flavour });
        await load(fromDump, saved);
        await fromDump.replication.follow({ port: own.port });
        await runWorkload(source, { seed: 3, transactions: Math.ceil(TRANSACTIONS / 3) });

        const executed = await source.gtidExecuted();
        await own.reach(executed, PATIENCE_MS);
        for (const replica of [fromEmpty, fromDump]) {
          await replica.replication.reach(executed, PATIENCE_MS);
          expect(await replica.gtidExecuted()).toBe(executed);
          expect(await checksums(replica)).toEqual(await checksums(source));
          expect(await replica.replication.status()).toMatchObject({ ioError: '', sqlError: '' });
        }
        expect(own.server.slaves()).toHaveLength(2);
        expect(own.status.reconnects).toBe(0);
      },
      2 * PATIENCE_MS,
    );
  });
});
