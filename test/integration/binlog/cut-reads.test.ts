import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Journal, type JournalOptions } from '../../../src/binlog/journal/journal.js';
import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import type { Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { executedText } from '../../harness/servers/binlog/binlog-store.js';
import { diskOfSmallReads, readInPieces } from '../../harness/checkers/binlog/cut-reads.js';
import { readAll } from '../../harness/servers/binlog/journals.js';
import {
  COMMON,
  LONG_HEADS,
  LONG_NAMES,
  OF_FLAVOUR,
  runAll,
  STATEMENTS,
  TABLES,
} from '../../harness/binlog/statements.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import {
  HEARTBEAT_V2_OR_ANNOTATIONS,
  NON_BLOCK,
  RawReplica,
  type DumpOptions,
} from '../../harness/checkers/raw-replica/raw-replica.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';

const cluster = new BinlogCluster();
const opened: Journal[] = [];
const directories: string[] = [];

afterEach(async () => {
  await cluster.remove();
  for (const journal of opened.splice(0)) await journal.close();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

/** Those of which an event would be larger than is cut at every byte. */
const isSmall = (statement: string): boolean => !statement.includes('000000');

/** A copy of the journal, without what need not be read because of its indexes. */
function copyOf(directory: string): string {
  const copy = temporaryDirectory('cut-reads');
  directories.push(copy);
  cpSync(directory, copy, { recursive: true });
  for (const name of readdirSync(copy)) if (name.endsWith('.index')) rmSync(join(copy, name));
  return copy;
}

/** The transactions of the journal, and where each ends. */
async function transactionsOf(journal: Journal): Promise<{ bytes: Buffer; end: number }[]> {
  const transactions: { bytes: Buffer; end: number }[] = [];
  for (const { startOffset, size, header } of journal.committedSegments()) {
    const bytes = (await readAll(journal, startOffset)).subarray(header.bytes, size);
    const lines = readInPieces(journal.flavour!, bytes, []);
    for (let i = 0, at = 0, start = 0; i < lines.length; i += 2) {
      const [, eventBytes, , isInTransaction] = lines[i]!.split(' ');
      at += Number(eventBytes);
      if (isInTransaction === 'true') continue;
      transactions.push({ bytes: bytes.subarray(start, at), end: startOffset + header.bytes + at });
      start = at;
    }
  }
  return transactions;
}

/** The events that a client gets of a binlog server. */
async function sent(port: number, flavour: FlavourName, options: DumpOptions): Promise<Buffer[]> {
  const replica = await RawReplica.connect({ port, flavour });
  try {
    await replica.dump(options);
    expect(await replica.untilEnd()).toBe('eof');
    return replica.events.map(({ bytes }) => bytes);
  } finally {
    replica.close();
  }
}

async function openJournal(directory: string, options: Partial<JournalOptions>): Promise<Journal> {
  const log = createLogger('silent');
  const journal = await Journal.open({ directory, segmentBytes: 2 ** 26, log, ...options });
  opened.push(journal);
  return journal;
}

function expectSameWhereverItIsCut(flavour: Flavour, bytes: Buffer): void {
  const whole = readInPieces(flavour, bytes, []).join('\n');
  for (let cut = 1; cut < bytes.length; cut++) {
    const found = readInPieces(flavour, bytes, [cut]).join('\n');
    if (found !== whole) expect({ cut, found }).toEqual({ cut, found: whole });
  }
}

describe.each(FLAVOUR_NAMES)('what %s writes', (flavour) => {
  test.skipIf(isMissing(flavour))(
    'is read the same wherever reads of it are cut: by scanner, tracker, recovery, verification, seek and dump',
    { timeout: 300_000 },
    async () => {
      const args = ['--loose-innodb-log-file-size=256M'];
      const source = await cluster.server({ flavour, args });
      const store = await cluster.store();
      await store.follow(source);
      await runAll(source, [...TABLES, ...LONG_NAMES]);
      for (const statements of [COMMON, OF_FLAVOUR[flavour], STATEMENTS, LONG_HEADS])
        await runAll(source, ['USE d', ...statements.filter(isSmall)]);
      const executed = await source.gtidExecuted();
      await store.reach(executed);
      await store.unfollow();
      const { journal } = store;
      const transactions = await transactionsOf(journal);
      expect(transactions.length).toBeGreaterThan(60);
      for (const { bytes } of transactions) expectSameWhereverItIsCut(journal.flavour!, bytes);

      for (const readBytes of [1, 13, 2071, 5000]) {
        const disk = diskOfSmallReads(readBytes);
        const directory = copyOf(journal.directory);
        const { problems, gtids } = await verifyJournal(directory, disk);
        expect(problems.filter(({ isHarmless }) => !isHarmless)).toEqual([]);
        expect(executedText(gtids)).toBe(executed);
        const copy = await openJournal(directory, { disk });
        expect(copy.endOffset).toBe(journal.endOffset);
        expect(executedText(copy.durableGtidSet)).toBe(executed);
        const step = readBytes < 1000 ? 20 : 1;
        for (const { end } of transactions.filter((_, i) => i % step === 0)) {
          await copy.commit(end);
          const found = await copy.seek(copy.executedGtidSet!);
          expect(found.offset).toBe(end);
        }
        expect(copy.readability.problem).toBeNull();
      }
    },
  );

  test.skipIf(isMissing(flavour))('is sent the same wherever the pages of it are cut', async () => {
    const args = ['--loose-innodb-log-file-size=256M'];
    const source = await cluster.server({ flavour, args });
    const store = await cluster.store();
    await store.follow(source);
    await runAll(source, [...TABLES, ...LONG_NAMES]);
    const middle = await source.gtidExecuted();
    for (const statements of [COMMON, OF_FLAVOUR[flavour], STATEMENTS, LONG_HEADS])
      await runAll(source, ['USE d', ...statements.filter(isSmall)]);
    await store.reach(await source.gtidExecuted());
    await store.unfollow();
    const journal = await openJournal(copyOf(store.journal.directory), { pageBytes: 61 });
    await journal.commit(journal.endOffset);
    const server = await cluster.serverOf(journal);
    for (const gtids of ['', middle, null])
      for (const flags of [NON_BLOCK, NON_BLOCK | HEARTBEAT_V2_OR_ANNOTATIONS]) {
        const whole = await sent(store.port, flavour, { gtids, flags });
        const cut = await sent(server.address.port, flavour, { gtids, flags });
        expect(cut.length).toBe(whole.length);
        expect(cut.findIndex((bytes, i) => !bytes.equals(whole[i]!))).toBe(-1);
      }
  });
});
