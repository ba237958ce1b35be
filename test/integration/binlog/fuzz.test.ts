import { connect as connectSocket, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { DumpClient } from '../../../src/binlog/syncer/dump-client.js';
import { Ingest, type TransactionSink } from '../../../src/binlog/syncer/ingest.js';
import { emptyGtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';
import { RandomSource } from '../../harness/binlog/history.js';
import { packet } from '../../harness/checkers/raw-replica/packet-stream.js';
import { RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';

/** 20,000 for the long variant. */
const CONNECTIONS = Number(process.env['QUORATE_BINLOG_FUZZ_CONNECTIONS'] ?? 150);
/** 200,000 for the long variant. */
const STREAMS = Number(process.env['QUORATE_BINLOG_FUZZ_STREAMS'] ?? 2_000);

const cluster = new BinlogCluster();
const open = new Set<Socket>();

afterEach(async () => {
  for (const each of open) each.destroy();
  await cluster.remove();
});

function randomBytes(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(most + 1) }, () => random.below(256)));
}

/** A few bytes changed, cut off, repeated or put in. */
function mutate(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  switch (random.below(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return Buffer.concat([copy.subarray(0, at), randomBytes(random, 20), copy.subarray(at)]);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 30))]);
    default:
      for (let i = random.between(1, 3); i > 0; i--) copy[random.below(copy.length)]! ^= 1 << random.below(8);
      return copy;
  }
}

/** Commands as clients send them, to be spoiled. */
function commands(random: Random): Buffer {
  const query = (sql: string): Buffer => Buffer.concat([Buffer.of(3), Buffer.from(sql)]);
  return random.pick([
    query('SELECT @@GLOBAL.gtid_executed AS x, UNIX_TIMESTAMP()'),
    query("SET @slave_connect_state='0-1-1', @master_heartbeat_period = 1000000, @slave_uuid = 'abc'"),
    query(
      'SET @master_binlog_checksum = @@global.binlog_checksum, @rpl_semi_sync_slave = 1, @mariadb_slave_capability=4',
    ),
    query("SHOW VARIABLES LIKE 'se%_id'"),
    query("SHOW BINLOG EVENTS IN 'quorate-binlog.000001' FROM 4 LIMIT 2, 10"),
    query('SHOW BINARY LOGS'),
    query('KILL 4000000'),
    Buffer.from('15e21500000000000000f25f0000000000000000', 'hex'),
    Buffer.from('1e0100e21500000000000004000000000000000800000000000000000000000', 'hex'),
    Buffer.from('120400000003004d000000', 'hex'),
    Buffer.concat([Buffer.of(0xef), randomBytes(random, 40)]),
    randomBytes(random, 60),
    Buffer.of(random.below(256)),
  ]);
}

/** It goes away with the test, if it is still there. */
function keep(socket: Socket): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

function socketOf(replica: RawReplica): Socket {
  return (replica as unknown as { socket: Socket }).socket;
}

async function raw(port: number): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  keep(socket);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.resume();
  return socket;
}

async function beforeLogin(port: number, random: Random): Promise<void> {
  const socket = await raw(port);
  const response = Buffer.concat([
    Buffer.from('05a23880800f004008', 'hex'),
    Buffer.alloc(23),
    Buffer.from('repl\0\x14', 'latin1'),
    Buffer.alloc(20, 7),
    Buffer.from('mysql_native_password\0', 'latin1'),
  ]);
  const payload = random.below(3) === 0 ? randomBytes(random, 400) : mutate(random, response);
  socket.write(random.below(4) === 0 ? mutate(random, packet(1, payload)) : packet(1, payload));
  socket.end(randomBytes(random, 30));
  await new Promise((resolve) => socket.once('close', resolve));
}

async function afterLogin(port: number, random: Random): Promise<void> {
  const replica = await RawReplica.connect({ port, flavour: 'mysql56' });
  const socket = socketOf(replica);
  keep(socket);
  socket.removeAllListeners('data');
  socket.resume();
  const gone = new Promise((resolve) => socket.once('close', resolve));
  for (let i = random.below(6); i >= 0; i--) {
    const payload = commands(random);
    const spoiled = random.below(3) > 0 && payload.length > 0 ? mutate(random, payload) : payload;
    socket.write(random.below(8) === 0 ? mutate(random, packet(0, spoiled)) : packet(0, spoiled));
  }
  await new Promise((resolve) => setTimeout(resolve, random.below(5)));
  socket.end();
  setTimeout(() => socket.destroy(), 100).unref();
  await gone;
}

async function filledStore(): Promise<{ store: BinlogStore; commit: () => Promise<void> }> {
  const source = await cluster.server({ flavour: 'mysql56' });
  const store = await cluster.store({ maxConnections: 1_000 });
  await store.follow(source);
  let count = 0;
  const commit = async (): Promise<void> => {
    await source.query(`CREATE DATABASE d${count++}`);
    await store.reach(await source.gtidExecuted());
  };
  for (let i = 0; i < 5; i++) await commit();
  return { store, commit };
}

test.each(['before', 'after'] as const)(
  'nonsense %s the login ends its own connection and nothing else',
  async (when) => {
    const { store, commit } = await filledStore();
    const witness = await RawReplica.connect({ port: store.port, flavour: 'mysql56' });
    keep(socketOf(witness));
    await witness.dump();
    const random = new Random(when === 'before' ? 31 : 32);
    for (let i = 0; i < CONNECTIONS; i += 10) {
      const own = Array.from({ length: 10 }, () => random.fork());
      await Promise.all(own.map((each) => (when === 'before' ? beforeLogin : afterLogin)(store.port, each)));
    }
    const before = witness.stored.length;
    await commit();
    await witness.until(() => witness.stored.length > before);
    expect(witness.disorders).toEqual([]);
    await until('only the witness is left', () => store.server.slaves().length === 1);
  },
);

/** Keeps what it is given, transaction by transaction. */
class Recorder implements TransactionSink {
  readonly transactions: Buffer[] = [];
  private parts: Buffer[] = [];
  boundaryOffset = 0;

  setFormat(): void {
    // Heads of files are of no interest.
  }

  append(bytes: Buffer, start: number, end: number): boolean {
    this.parts.push(Buffer.from(bytes.subarray(start, end)));
    return true;
  }

  endTransaction(): void {
    this.transactions.push(Buffer.concat(this.parts));
    this.parts = [];
    this.boundaryOffset++;
  }
}

describe.each(['MYSQL', 'MARIADB'] as const)('a stream of %s that is damaged', (flavour) => {
  test('brings only transactions that are whole and as they were written', () => {
    const random = new Random(41);
    let [refused, stored] = [0, 0];
    for (let i = 0; i < STREAMS; i++) {
      const source = new RandomSource(flavour, random.fork());
      const format = source.builder.format();
      const sent = source.transactions(random.between(1, 6)).map(({ bytes }) => bytes);
      const stream = mutate(random, Buffer.concat([format, ...sent]));
      const recorder = new Recorder();
      const ingest = new Ingest(recorder, flavour, emptyGtidSet(flavour), { server: '1' });
      try {
        for (let at = 0; at < stream.length;) {
          const end = Math.min(stream.length, at + random.between(1, 3_000));
          ingest.take(stream, at, end);
          at = end;
        }
      } catch (error) {
        expect((error as Error).constructor.name).toMatch(
          /^(BinlogEventError|SourceRefusedError|SourceUnavailableError)$/,
        );
        refused++;
      }
      for (const transaction of recorder.transactions) {
        expect(sent.some((each) => each.equals(transaction))).toBe(true);
        stored++;
      }
    }
    expect(refused).toBeGreaterThan(STREAMS / 4);
    expect(stored).toBeGreaterThan(STREAMS / 4);
  });

  test('in packets that are damaged ends with an error, once, and reads no further', () => {
    const random = new Random(42);
    for (let i = 0; i < STREAMS / 4; i++) {
      const source = new RandomSource(flavour, random.fork());
      const events = [source.builder.format(), ...source.transactions(3).map(({ bytes }) => bytes)];
      const packets = events.map((bytes, at) => packet(1 + at, Buffer.concat([Buffer.of(0), bytes])));
      const damaged = mutate(
        random,
        Buffer.concat([packet(1, Buffer.of(0, 0, 0)), ...packets, packet(9, Buffer.of(0xfe, 0, 0, 2, 0))]),
      );
      const ends: Error[] = [];
      let after = 0;
      const incoming = new PassThrough();
      const stream = Object.assign(incoming, { write: () => true });
      const client = new DumpClient({
        ...{ stream, isSemiSync: false },
        onEvents: () => (after += ends.length),
        onPayloadEnd: () => undefined,
        onEnd: (error) => ends.push(error),
      });
      client.start(Buffer.of(0x15), Buffer.of(0x12));
      stream.emit('data', damaged);
      stream.emit('close');
      expect(ends).toHaveLength(1);
      expect(after).toBe(0);
    }
  });
});
