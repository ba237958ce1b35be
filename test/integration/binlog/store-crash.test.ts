import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { executedText } from '../../harness/servers/binlog/binlog-store.js';
import { checksums } from '../../harness/checkers/mysql/checksum.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { freePort } from '../../harness/servers/ports.js';
import { TestProcess } from '../../harness/servers/process.js';
import { Random } from '../../harness/random.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

/** 20 for the long variant. */
const KILLS = Number(process.env['QUORATE_BINLOG_STORE_KILLS'] ?? 3);
const CHILD = new URL('./store-child.ts', import.meta.url).pathname;
const WRITERS = 6;
const PATIENCE_MS = 120_000 + 20_000 * KILLS;

const cluster = new BinlogCluster();
const children: TestProcess[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await child.end();
  await cluster.remove();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

/** It goes away with the test. */
function storeDirectory(): string {
  const directory = temporaryDirectory('store-crash');
  directories.push(directory);
  return directory;
}

async function startChild(...args: readonly string[]): Promise<TestProcess> {
  let isReady = false;
  const child = new TestProcess({
    command: process.execPath,
    args: ['--import', 'tsx', CHILD, ...args],
    onLine: (line) => (isReady ||= line === 'ready'),
  });
  children.push(child);
  await until('the store serves', () => {
    if (!child.isRunning) throw new Error(child.output);
    return isReady;
  });
  return child;
}

/** Inserts numbers one by one; those whose commit the client was told of are added to the set. */
async function insert(
  source: MysqlServer,
  first: number,
  seen: Set<number>,
  signal: AbortSignal,
): Promise<void> {
  const connection = await source.connect();
  connection.on('error', () => undefined);
  try {
    for (let id = first; !signal.aborted; id += WRITERS) {
      await connection.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', ${id % 3000}))`);
      seen.add(id);
    }
  } catch {
    // The source was ended; what was under way is nobody's promise.
  } finally {
    connection.destroy();
  }
}

describe.each(['mysql97', 'mariadb'] as const)('a store behind a semi-sync source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('that is killed', () => {
    test(
      'again and again, has everything that a client of the source saw committed',
      { timeout: 2 * PATIENCE_MS },
      async () => {
        const source = await cluster.server({ flavour, semiSync: 'source' });
        const variable =
          flavour === 'mysql97' ? 'rpl_semi_sync_source_timeout' : 'rpl_semi_sync_master_timeout';
        await source.query(`SET GLOBAL ${variable} = 100000`);
        const directory = storeDirectory();
        const port = await freePort();
        const args = [directory, String(port), String(source.port), 'yes'] as const;
        let child = await startChild(...args);
        const replica = await cluster.server({ flavour });
        await source.query('CREATE DATABASE d');
        await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data TEXT)');
        await replica.replication.follow({ port });

        const stop = new AbortController();
        const seen = new Set<number>();
        const work = Array.from({ length: WRITERS }, (_, i) => insert(source, i, seen, stop.signal));
        const random = new Random(5);
        for (let i = 0; i < KILLS; i++) {
          const before = seen.size;
          await until('commits go on', () => seen.size > before + 50);
          await new Promise((resolve) => setTimeout(resolve, random.below(100)));
          await child.end('SIGKILL');
          if (i < KILLS - 1) child = await startChild(...args);
        }
        // Without the source, there is nobody left to ask for what the store has lost.
        stop.abort();
        await source.kill();
        await Promise.all(work);
        child = await startChild(...args);
        const count = async (): Promise<number> => {
          const rows = await replica.query('SELECT id FROM d.t');
          const ids = new Set(rows.map(({ id }) => Number(id)));
          return [...seen].filter((id) => !ids.has(id)).length;
        };
        await until('the replica has all', async () => (await count()) === 0, PATIENCE_MS);
        expect(await replica.replication.status()).toMatchObject({ sqlError: '' });
        await child.end('SIGKILL');
        const { problems } = await verifyJournal(join(directory, 'journal'));
        expect(problems.filter(({ isHarmless }) => !isHarmless)).toEqual([]);
      },
    );
  });
});

describe.each(FLAVOUR_NAMES)('a store behind a source, %s,', (flavour) => {
  describe.skipIf(isMissing(flavour))('that is killed under load', () => {
    test(
      'again and again, ends up with what the source has, and so does its replica',
      { timeout: 2 * PATIENCE_MS },
      async () => {
        const source = await cluster.server({ flavour });
        const directory = storeDirectory();
        const port = await freePort();
        const args = [directory, String(port), String(source.port), 'no'] as const;
        let child = await startChild(...args);
        const replica = await cluster.server({ flavour });
        await source.query('CREATE DATABASE d');
        await replica.replication.follow({ port });

        const stop = new AbortController();
        const work = runWorkload(source, {
          ...{ seed: 1, transactions: 1e6, connections: 2, signal: stop.signal },
        });
        const random = new Random(6);
        for (let i = 0; i < KILLS; i++) {
          const before = await replica.gtidExecuted();
          await until('more arrives', async () => {
            expect(await replica.replication.status()).toMatchObject({
              io: expect.not.stringMatching('stopped'),
              sqlError: '',
            });
            return (await replica.gtidExecuted()) !== before;
          });
          await new Promise((resolve) => setTimeout(resolve, random.below(300)));
          await child.end('SIGKILL');
          child = await startChild(...args);
        }
        stop.abort();
        await work;
        const executed = await source.gtidExecuted();
        await replica.replication.reach(executed, PATIENCE_MS);
        expect(await replica.gtidExecuted()).toBe(executed);
        expect(await checksums(replica)).toEqual(await checksums(source));
        expect(await replica.replication.status()).toMatchObject({ sqlError: '' });
        await child.end('SIGKILL');
        const { problems, gtids } = await verifyJournal(join(directory, 'journal'));
        expect(problems.filter(({ isHarmless }) => !isHarmless)).toEqual([]);
        expect(executedText(gtids)).toBe(executed);
      },
    );
  });
});
