import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Journal } from '../../../src/binlog/journal/journal.js';
import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { Position } from '../../harness/checkers/raw-replica/commands.js';
import { NON_BLOCK, RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { freePort } from '../../harness/servers/ports.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const cluster = new BinlogCluster();
const directories: string[] = [];

afterEach(async () => {
  await cluster.remove();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

/** A source with three rows, and a store that has them in a file or more. */
async function filled(
  flavour: FlavourName,
  options: Parameters<BinlogCluster['store']>[0] = {},
): Promise<{ source: MysqlServer; store: BinlogStore }> {
  const source = await cluster.server({ flavour });
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
  for (const id of [1, 2, 3]) await source.query(`INSERT INTO d.t VALUES (${id})`);
  const store = await cluster.store(options);
  await store.follow(source);
  await store.reach(await source.gtidExecuted());
  return { source, store };
}

/** How a dump from that position ends. */
async function dumped(port: number, flavour: FlavourName, position: Position): Promise<unknown> {
  const replica = await RawReplica.connect({ port, flavour });
  try {
    await replica.dump({ gtids: null, position, flags: NON_BLOCK });
    return await replica.untilEnd();
  } finally {
    replica.close();
  }
}

/** Names files as version 0.1.0 did. */
function asBefore(directory: string, isRenamed: (name: string) => boolean = () => true): void {
  for (const name of readdirSync(directory))
    if (name.startsWith('quorate-binlog.') && isRenamed(name))
      renameSync(join(directory, name), join(directory, name.replace('quorate-', '')));
}

function binlogsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /binlog\.\d+$/.test(name))
    .sort();
}

describe.each(FLAVOUR_NAMES)('files of a store of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('bear names of their own', () => {
    test('so that a replica with coordinates of the source is refused, as by a server without that file', async () => {
      const { source, store } = await filled(flavour);
      const [{ name, size }] = (await source.binlogFiles()) as [{ name: string; size: number }];
      expect(store.journal.segments().map((segment) => segment.name)).toEqual(['quorate-binlog.000001']);
      for (const offset of [4, size]) {
        const ours = await dumped(store.port, flavour, { file: name, offset });
        expect(ours).toMatchObject({ code: 1236 });
        expect(ours).toEqual(await dumped(source.port, flavour, { file: 'nosuch.000001', offset }));
      }
      const replica = await cluster.server({ flavour });
      await replica.replication.follow({ port: store.port, position: { file: name, offset: size } });
      await until('it has stopped', async () => (await replica.replication.status()).io === 'stopped');
      expect((await replica.replication.status()).ioError).toContain('Could not find first log file name');
      await replica.replication.forget();
      const [ours] = store.journal.segments();
      await replica.replication.follow({ port: store.port, position: { file: ours!.name, offset: 4 } });
      await until('it has all', async () => {
        const rows = await replica.query('SELECT id FROM d.t').catch(() => []);
        return rows.length === 3;
      });
    });

    test('and a source whose files bear those names is refused', async () => {
      const source = await cluster.server({ flavour, args: ['--log-bin=quorate-binlog'] });
      const store = await cluster.store();
      await store.follow(source);
      await until('the source is refused', () => store.status.state === 'FAILED');
      expect(store.status.reason).toContain('its binlog files are named quorate-binlog');
    });

    test('and those of version 0.1.0 are renamed, while replicas by GTID go on and others must be told', async () => {
      const directory = temporaryDirectory('names');
      directories.push(directory);
      const [port, journalDirectory] = [await freePort(), join(directory, 'journal')];
      const options = { directory, port, segmentBytes: 600 };
      const { source, store } = await filled(flavour, options);
      const before = store.journal.segments();
      expect(before.length).toBeGreaterThan(1);
      const replica = await cluster.replica(store, { flavour });
      await replica.replication.reach(await source.gtidExecuted());
      await cluster.stopStore(store);
      asBefore(journalDirectory);
      const { problems } = await verifyJournal(journalDirectory);
      expect(problems).toEqual([]);
      expect(binlogsIn(journalDirectory)).toEqual(before.map(({ name }) => name.replace('quorate-', '')));

      const after = await cluster.store(options);
      const untimed = before.map((each) => ({ ...each, arrivedAt: expect.any(Date) }));
      expect(after.journal.segments()).toEqual(untimed);
      expect(binlogsIn(journalDirectory)).toEqual(before.map(({ name }) => name));
      await after.follow(source);
      await source.query('INSERT INTO d.t VALUES (4)');
      await after.reach(await source.gtidExecuted());
      await replica.replication.reach(await source.gtidExecuted());
      const { name, sizeBytes } = after.journal.segments()[0]!;
      const old = { file: name.replace('quorate-', ''), offset: sizeBytes };
      expect(await dumped(port, flavour, old)).toMatchObject({ code: 1236 });
      expect(await dumped(port, flavour, { file: name, offset: sizeBytes })).toBe('eof');
      expect((await verifyJournal(journalDirectory)).problems).toEqual([]);
    });
  });
});

describe('a journal of version 0.1.0', () => {
  const open = (directory: string): Promise<Journal> =>
    Journal.open({ directory, segmentBytes: 600, log: createLogger('silent') });

  /** Of a store that was stopped. */
  async function journalDirectory(): Promise<string> {
    const directory = temporaryDirectory('names');
    directories.push(directory);
    const { store } = await filled('mariadb', { directory, segmentBytes: 600 });
    await cluster.stopStore(store);
    return join(directory, 'journal');
  }

  test('of which a crash has left some files unnamed is opened all the same', async () => {
    const directory = await journalDirectory();
    const names = binlogsIn(directory);
    asBefore(directory, (name) => !name.startsWith(names[1]!));
    // Its index had its new name when the machine went down.
    const index = join(directory, `${names[0]!.replace('quorate-', '')}.index`);
    renameSync(index, join(directory, `${names[0]!}.index`));
    const journal = await open(directory);
    expect(journal.segments().map(({ name }) => name)).toEqual(names);
    await journal.close();
    expect(binlogsIn(directory)).toEqual(names);
    expect((await verifyJournal(directory)).problems).toEqual([]);
  });

  test('that ran again in the directory since is left alone', async () => {
    const directory = await journalDirectory();
    const [first] = binlogsIn(directory);
    const stray = join(directory, first!.replace('quorate-', ''));
    writeFileSync(stray, 'another history');
    const files = readdirSync(directory).sort();
    await expect(open(directory)).rejects.toThrow(/has both binlog.000001, as version 0.1.0 named it, and/);
    expect(readdirSync(directory).sort()).toEqual(files);
    const { problems } = await verifyJournal(directory);
    expect(problems).toContainEqual(
      expect.objectContaining({ isHarmless: false, problem: expect.stringMatching(/two names|begin as/) }),
    );
    rmSync(stray);
    await (await open(directory)).close();
  });

  test('without the file that tells where it begins is left alone, as is a directory of a server', async () => {
    const directory = temporaryDirectory('names');
    directories.push(directory);
    writeFileSync(join(directory, 'binlog.000001'), 'of a server');
    await expect(open(directory)).rejects.toThrow('has binlog files but no journal.state');
    expect(existsSync(join(directory, 'binlog.000001'))).toBe(true);
  });
});
