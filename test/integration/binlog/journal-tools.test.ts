import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RandomSource } from '../../harness/binlog/history.js';
import { cleanJournals, filledJournal, journalDirectory } from '../../harness/servers/binlog/journals.js';
import { Random } from '../../harness/random.js';

afterEach(cleanJournals);

test('mariadb-binlog reads the files, verifies their checksums and finds every transaction', async () => {
  const source = new RandomSource('MARIADB', new Random(51));
  const all = source.statements(120);
  const { journal } = await filledJournal(journalDirectory(), source, all, 5_000);
  expect(journal.segments().length).toBeGreaterThan(2);
  const files = journal.segments().map(({ name }) => join(journal.directory, name));
  const output = execFileSync('mariadb-binlog', ['--verify-binlog-checksum', ...files], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const found = [...output.matchAll(/GTID (\d+-\d+-\d+)/g)].map(([, gtid]) => gtid);
  expect(found.filter((gtid) => gtid !== undefined)).toEqual(
    expect.arrayContaining(all.map(({ gtid }) => gtid)),
  );
  const executed = [...output.matchAll(/^CREATE TABLE t\d+ \(a INT\)/gm)];
  expect(executed).toHaveLength(all.length);
  expect(output).not.toMatch(/^(ERROR|WARNING)/im);
});
