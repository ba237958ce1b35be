import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { Dump } from '../../../src/binlog/server/dump/dump.js';
import type { DumpRequest } from '../../../src/binlog/server/dump/dump-request.js';
import { FramedChunks } from '../../../src/binlog/server/dump/framed-chunks.js';
import { PacketOutput } from '../../../src/binlog/server/dump/packet-output.js';
import { EventType } from '../../../src/binlog/protocol/event/event-type.js';
import { TYPE_AT, u32 } from '../../../src/binlog/protocol/event/event-header.js';
import { emptyGtidSet, type Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';
import { DumpReceiver, socketPair } from '../../harness/checkers/binlog/dump-client.js';
import { Feeder, RandomSource, setOf, type Transaction } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  filledJournal,
  journalDirectory,
  openJournal,
} from '../../harness/servers/binlog/journals.js';

const SEEDS = Number(process.env['QUORATE_DUMP_SEEDS'] ?? 6);
const CLIENTS = 5;

const buffers = PacketOutput.createPool();
const ending = { now: new AbortController() };

afterEach(async () => {
  ending.now.abort(new Error('The test is over.'));
  ending.now = new AbortController();
  await cleanJournals();
});

const EVERYTHING: Omit<DumpRequest, 'flavour' | 'has' | 'isSemiSync'> = {
  ...{ file: '', position: 4, isNonBlocking: false, withChecksum: true, heartbeatMs: 0 },
  ...{ isHeartbeatV2: false, wantsAnnotations: true, skipsTagged: false },
};

/** Begins to send to a client that has some of the transactions. */
async function send(
  journal: Journal,
  chunks: FramedChunks,
  request: Pick<DumpRequest, 'flavour' | 'has' | 'isSemiSync'>,
): Promise<DumpReceiver> {
  const [server, client] = await socketPair();
  const receiver = new DumpReceiver(client, request.isSemiSync);
  const { signal } = ending.now;
  signal.addEventListener('abort', () => {
    server.destroy();
    client.destroy();
  });
  const whole = { ...EVERYTHING, ...request };
  const dialect = { flavour: request.flavour, version: '8.4.0' };
  const output = new PacketOutput(server, 1, buffers);
  const firstFormat = (): null => null;
  const parts = { journal, chunks, request: whole, dialect, serverId: 7, output, firstFormat };
  Dump.run(parts, () => undefined, signal).catch((error: unknown) => {
    if (!signal.aborted) receiver.failure ??= error as Error;
  });
  return receiver;
}

/** Without what stands at the heads of files, and what is made up for the connection. */
function transactionsOf(events: readonly Buffer[]): Buffer {
  const heads: number[] = [
    ...[EventType.ROTATE, EventType.FORMAT_DESCRIPTION, EventType.PREVIOUS_GTIDS],
    ...[EventType.GTID_LIST, EventType.HEARTBEAT],
  ];
  return Buffer.concat(events.filter((event) => !heads.includes(event[TYPE_AT]!)));
}

/** What a client may have: of MySQL any of them, of MariaDB those up to a point of the log. */
function someOf(flavour: Flavour, all: readonly Transaction[], random: Random): Transaction[] {
  if (flavour === 'MARIADB') return all.slice(0, random.below(all.length + 1));
  const from = random.below(all.length + 1);
  return all.filter((_, i) => i < from || random.below(10) === 0);
}

describe.each(['MYSQL', 'MARIADB'] as const)('%s', (flavour) => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'every client is sent exactly what it lacks, in order and byte for byte, while the journal grows (seed %i)',
    async (seed) => {
      const random = new Random(seed);
      const source = new RandomSource(flavour, random.fork());
      // Many events lie across two pages, and slow clients read of the files.
      const journal = await openJournal(journalDirectory(), 200_000, 60_000, 10_000);
      await journal.begin(flavour);
      const writer = await journal.openWriter();
      writer.setFormat(source.builder.format(), 'binlog.000001');
      const feeder = new Feeder(writer, flavour);
      const all: Transaction[] = [];
      const grow = async (count: number): Promise<void> => {
        const more = source.transactions(count);
        if (random.below(3) === 0) more.push(source.transaction(1_500_000));
        all.push(...more);
        await feeder.push(Buffer.concat(more.map(({ bytes }) => bytes)));
        await writer.flush();
        await journal.commit(writer.boundaryOffset);
      };
      await grow(300);

      const chunks = new FramedChunks();
      const clients: { receiver: DumpReceiver; has: Transaction[] }[] = [];
      for (let i = 0; i < CLIENTS; i++) {
        const has = i === 0 ? [] : someOf(flavour, all, random);
        const set = has.length === 0 ? emptyGtidSet(flavour) : setOf(flavour, has);
        const request = { flavour, has: set, isSemiSync: random.below(3) === 0 };
        clients.push({ receiver: await send(journal, chunks, request), has });
        await grow(random.below(60));
      }
      await grow(50);

      for (const { receiver, has } of clients) {
        const expected = Buffer.concat(all.filter((each) => !has.includes(each)).map(({ bytes }) => bytes));
        await until(
          'all has arrived',
          () => receiver.failure !== null || transactionsOf(receiver.events).length >= expected.length,
        );
        expect(receiver.failure).toBeNull();
        expect(transactionsOf(receiver.events).equals(expected)).toBe(true);
        for (const event of receiver.events) expect(u32(event, 9)).toBe(event.length);
      }
      await writer.close();
    },
  );
});

test.each([200, 1_000_000])(
  'a client that takes everything at once leaves others their turn (rows of %i bytes)',
  async (rowBytes) => {
    const source = new RandomSource('MYSQL', new Random(7));
    const transactions: Transaction[] = [];
    for (let size = 0; size < 12_000_000; size += transactions.at(-1)!.bytes.length)
      transactions.push(source.transaction(rowBytes));
    // All of it is in memory, so that nothing has to be waited for.
    const { journal } = await filledJournal(journalDirectory(), source, transactions, 1e9);
    const client = new Writable({ write: (_bytes, _encoding, done) => done() });
    const output = new PacketOutput(client as Socket, 1, buffers);
    const request: DumpRequest = {
      ...EVERYTHING,
      ...{ isNonBlocking: true, flavour: 'MYSQL', has: emptyGtidSet('MYSQL'), isSemiSync: false },
    };
    let turns = 0;
    const { signal } = ending.now;
    const others = (): void => {
      turns++;
      if (!signal.aborted) setImmediate(others);
    };
    setImmediate(others);
    await Dump.run(
      {
        ...{ journal, chunks: new FramedChunks(), request, serverId: 7, output },
        dialect: { flavour: 'MYSQL', version: '8.4.0' },
        firstFormat: () => null,
      },
      () => undefined,
      signal,
    );
    expect(output.written).toBeGreaterThan(12_000_000);
    expect(turns).toBeGreaterThan(5);
  },
);
