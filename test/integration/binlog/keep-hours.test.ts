import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { retentionsOf } from '../../../src/binlog/member/retention.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { closeJournal, openJournal } from '../../harness/servers/binlog/journals.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';

const KEPT = retentionsOf({ keepBytes: undefined, keepHours: 24 });
const DAY_SECONDS = 86_400;
const YEAR_2029 = 1_861_920_000;
const cluster = new BinlogCluster();
const directories: string[] = [];

afterEach(async () => {
  await cluster.remove();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

/** Rows by a client whose clock is at that time, each in a file of its own. */
async function writeAt(source: MysqlServer, seconds: number, ids: readonly number[]): Promise<void> {
  const connection = await source.connect();
  await connection.query(`SET SESSION timestamp = ${seconds}`);
  for (const id of ids) await connection.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', 2000))`);
  connection.destroy();
}

/** The directory of a journal that was written just now, as sources tell with times that clients have set. */
async function written(times: readonly number[]): Promise<{ directory: string; planned: string[] }> {
  const source = await cluster.server({ flavour: 'mariadb' });
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data TEXT)');
  const directory = temporaryDirectory('keep-hours');
  directories.push(directory);
  const store = await cluster.store({ directory, segmentBytes: 1_000 });
  await store.follow(source);
  for (const [i, time] of times.entries()) await writeAt(source, time, [2 * i, 2 * i + 1]);
  await store.reach(await source.gtidExecuted());
  expect(store.journal.segments().length).toBeGreaterThan(2 * times.length - 1);
  const { segments } = store.journal.planPurge(KEPT[0]!);
  await cluster.stopStore(store);
  return { directory: join(directory, 'journal'), planned: segments.map(({ name }) => name) };
}

/** What would go of the journal after a restart, its files having been written so long ago. */
async function goes(directory: string, ageSeconds: number): Promise<{ names: string[]; all: string[] }> {
  const then = Date.now() / 1_000 - ageSeconds;
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), then, then);
  const journal = await openJournal(directory);
  await journal.commit(journal.endOffset);
  const all = journal.segments().map(({ name }) => name);
  const names = journal.planPurge(KEPT[0]!).segments.map(({ name }) => name);
  await closeJournal(journal);
  return { names, all };
}

describe('hours for which the journal is kept', () => {
  test('count from when it came: clients with a clock three days back make nothing go', async () => {
    const past = Date.now() / 1_000 - 3 * DAY_SECONDS;
    const { directory, planned } = await written([past, past]);
    expect(planned).toEqual([]);
    expect((await goes(directory, 3_600)).names).toEqual([]);
  });

  test('count from when it came, also over a restart: one client with a clock in 2029 keeps nothing back', async () => {
    const now = Date.now() / 1_000;
    const { directory, planned } = await written([YEAR_2029, now]);
    expect(planned).toEqual([]);
    const { names, all } = await goes(directory, 2 * DAY_SECONDS);
    expect(names).toEqual(all.slice(0, -1));
  });
});
