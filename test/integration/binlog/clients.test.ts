import { readdirSync, statSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore, BinlogStoreOptions } from '../../harness/servers/binlog/binlog-store.js';
import { createCertificates } from '../../harness/servers/certificates.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import type { FlavourName, Program } from '../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, FLAVOURS, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { ServerError } from '../../harness/checkers/raw-replica/answers.js';
import { isMadeUp, isRotate, type StreamEnd } from '../../harness/checkers/raw-replica/events.js';
import {
  HEARTBEAT_V2_OR_ANNOTATIONS,
  NON_BLOCK,
  RawReplica,
  type DumpOptions,
  type RawReplicaOptions,
} from '../../harness/checkers/raw-replica/raw-replica.js';
import { purge } from '../../harness/servers/mysql/purge.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { TestProcess } from '../../harness/servers/process.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const [HEARTBEAT, HEARTBEAT_V2] = [0x1b, 0x29];
const MEGABYTE = 2 ** 20;
/** Rows as text: as they are sent, they tell where they stand. */
const PRINTING = ['--verify-binlog-checksum', '-v', '--base64-output=DECODE-ROWS'];

const cluster = new BinlogCluster();
const raw: RawReplica[] = [];

afterEach(async () => {
  for (const replica of raw.splice(0)) replica.close();
  await cluster.remove();
});

async function connect(options: RawReplicaOptions): Promise<RawReplica> {
  const replica = await RawReplica.connect(options);
  raw.push(replica);
  return replica;
}

/** A store that has the few transactions of its source. */
async function filled(
  flavour: FlavourName,
  options: BinlogStoreOptions = {},
): Promise<{ source: MysqlServer; store: BinlogStore }> {
  const source = await cluster.server({ flavour });
  const store = await cluster.store(options);
  await store.follow(source);
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
  for (const id of [1, 2, 3]) await source.query(`INSERT INTO d.t VALUES (${id}, 'x')`);
  await store.reach(await source.gtidExecuted());
  return { source, store };
}

async function run([command, ...first]: Program, args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const child = new TestProcess({ command, args: [...first, ...args], onLine: (line) => lines.push(line) });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${child.output}`);
  return lines.join('\n');
}

/** For a program that reads from a server. */
function remote(flavour: FlavourName, port: number): string[] {
  return [
    ...['--no-defaults', '--read-from-remote-server', '--host=127.0.0.1', `--port=${port}`],
    ...[`--user=${REPL.user}`, `--password=${REPL.password}`],
    ...(flavour === 'mariadb' ? ['--skip-ssl'] : ['--get-server-public-key']),
  ];
}

/** What a program of that family prints, without what differs between two files of the same events. */
function statements(output: string): string[] {
  const differs = /^(#(?!##)|\/\*!50|ROLLBACK|DELIMITER|SET @@session.gtid)|\[Warning\]/i;
  return output.split('\n').filter((line) => line.trim() !== '' && !differs.test(line));
}

describe.each(FLAVOUR_NAMES)('clients of a journal of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('on the wire', () => {
    const isMysql = flavour !== 'mariadb';

    test('are told what is wrong by the numbers that the servers use', async () => {
      const { source, store } = await filled(flavour, { catchUpMs: 100, maxConnections: 40 });
      const { port } = store;
      const executed = await source.gtidExecuted();
      const ahead = isMysql ? executed.replace(/:.*/, ':1-999999') : executed.replace(/\d+$/, '999999');
      const [{ name, sizeBytes }] = [store.journal.segments().at(-1)!];
      const dumped = async (
        options: DumpOptions,
        more: Partial<RawReplicaOptions> = {},
      ): Promise<StreamEnd> => {
        const replica = await connect({ port, flavour, ...more });
        await replica.dump(options).catch(() => undefined);
        await until('the dump ends', () => replica.end !== null);
        return replica.end!;
      };
      const at = (offset: number, file = name): DumpOptions => ({ gtids: null, position: { file, offset } });

      for (const user of [{ user: 'nobody' }, { password: 'wrong' }])
        await expect(RawReplica.connect({ port, flavour, ...user })).rejects.toMatchObject({ errno: 1045 });
      const asking = await connect({ port, flavour });
      await expect(asking.query('SELECT @@nosuchvar')).rejects.toMatchObject({ code: 1193 });
      await expect(asking.query('SELECT * FROM mysql.user')).rejects.toMatchObject({ code: 1105 });
      await expect(asking.query('KILL 4000000')).rejects.toMatchObject({ code: 1094 });
      expect(await asking.query('SELECT 1')).toEqual([['1']]);
      for (const payload of [Buffer.of(0x1a), Buffer.of(0xff), ...(isMysql ? [] : [Buffer.of(0x1e, 0, 0)])]) {
        const replica = await connect({ port, flavour });
        replica.sendDump(payload);
        await until('it is answered', () => replica.end !== null);
        expect(replica.end).toMatchObject({ code: 1047, sqlState: '08S01' });
      }
      if (isMysql) {
        const short = await connect({ port, flavour });
        short.sendDump(Buffer.of(0x1e, 0, 0));
        await until('it is answered', () => short.end !== null);
        expect(short.end).toMatchObject({ code: 1835 });
        const broken = await connect({ port, flavour });
        const head = Buffer.alloc(23);
        head[0] = 0x1e;
        head.writeUInt32LE(8, 19);
        broken.sendDump(Buffer.concat([head, Buffer.alloc(8, 0x7f)]));
        await until('it is answered', () => broken.end !== null);
        expect(broken.end).toMatchObject({ code: 1773 });
      } else {
        expect(await dumped({ gtids: 'nonsense' })).toMatchObject({ code: 1941 });
      }
      expect(await dumped({ gtids: ahead })).toMatchObject({
        code: 1236,
        text: expect.stringMatching(/more GTIDs|not in the master/),
      });
      expect(await dumped(at(3))).toMatchObject({ code: 1236, text: expect.stringContaining('< 4') });
      expect(await dumped(at(sizeBytes + 1))).toMatchObject({
        code: 1236,
        text: expect.stringMatching(/> file size|impossible/),
      });
      expect(await dumped(at(130))).toMatchObject({
        code: 1236,
        text: expect.stringMatching(/bogus|truncated/),
      });
      expect(await dumped(at(4, 'nosuch.000001'))).toMatchObject({
        code: 1236,
        text: expect.stringContaining('Could not find first log'),
      });
      expect(await dumped({}, { checksum: null })).toMatchObject({
        code: 1236,
        text: expect.stringContaining('checksum'),
      });
      await until('none is left', () => store.server.slaves().length === 0);
    });

    test('that lack what is purged are told so as the source tells them, before the connection ends', async () => {
      const source = await cluster.server({ flavour });
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      await purge(source);
      const store = await cluster.store();
      await store.follow(source);
      await source.query('INSERT INTO d.t VALUES (1)');
      await store.reach(await source.gtidExecuted());
      const ends = [source.port, store.port].map(async (port) => {
        const replica = await connect({ port, flavour, uuid: '33dbfaac-e53e-11f1-acc3-02fc00000077' });
        await replica.dump();
        return replica.untilEnd();
      });
      const [theirs, ours] = await Promise.all(ends);
      expect(ours).toMatchObject({ code: 1236 });
      expect(ours).toEqual(theirs);
    });

    test('that ask for no checksums get them all the same once the format has told of them, as from the source', async () => {
      const { source, store } = await filled(flavour, { segmentBytes: 500 });
      await source.rotate();
      await source.query("INSERT INTO d.t VALUES (4, 'x')");
      await store.reach(await source.gtidExecuted());
      expect(store.journal.segments().length).toBeGreaterThan(1);
      const rotates = async (port: number, gtids: string | null): Promise<number[]> => {
        const replica = await connect({ port, flavour, checksum: 'NONE' });
        await replica.dump({ flags: NON_BLOCK, gtids });
        expect(await replica.untilEnd()).toBe('eof');
        return replica.events
          .filter((event) => isRotate(event) && isMadeUp(event))
          .map(({ bytes }) => bytes.length);
      };
      for (const gtids of ['', null]) {
        const ours = await rotates(store.port, gtids);
        const theirs = await rotates(source.port, gtids);
        // They bear the names of files, and ours are longer.
        expect(ours.slice(0, 2)).toEqual(theirs.map((bytes) => bytes + 'quorate-'.length));
        expect(new Set(ours.slice(1))).toEqual(new Set([ours[0]! + 4]));
      }
    });

    test('that want no more than there is are told so when there is nothing yet', async () => {
      const source = await cluster.server({ flavour });
      const store = await cluster.store();
      await store.follow(source);
      await until('the syncer runs', () => store.status.state === 'RUNNING');
      const replica = await connect({ port: store.port, flavour });
      await replica.dump({ flags: NON_BLOCK });
      expect(await replica.untilEnd(10_000)).toBe('eof');
    });

    test('are turned away when there are too many, and let in again when one has gone', async () => {
      const { store } = await filled(flavour, { maxConnections: 1 });
      const first = await connect({ port: store.port, flavour });
      await expect(RawReplica.connect({ port: store.port, flavour })).rejects.toMatchObject({ errno: 1040 });
      first.close();
      await until('there is room', async () => {
        const again = await RawReplica.connect({ port: store.port, flavour }).catch(() => null);
        if (again !== null) raw.push(again);
        return again !== null;
      });
    });

    test('that come again end their former dump, can be killed, and are listed as long as they are there', async () => {
      const lines: string[] = [];
      const { source, store } = await filled(flavour, { onLog: (line) => lines.push(line) });
      const identity = {
        port: store.port,
        flavour,
        serverId: 77,
        uuid: '33dbfaac-e53e-11f1-acc3-02fc00000077',
      };
      const first = await connect(identity);
      await first.dump();
      await until('it has all', () => first.stored.length > 10);
      const second = await connect(identity);
      await second.dump();
      await until('the first is ended', () => first.end !== null);
      expect(first.end).toBeInstanceOf(ServerError);
      expect(lines.filter((line) => line.includes('A slave was replaced'))).toHaveLength(1);
      await until('it has all', () => second.stored.length > 10);
      const [slave, ...others] = store.server.slaves();
      expect(others).toEqual([]);
      expect(slave).toMatchObject({ serverId: 77, user: REPL.user, lagBytes: 0 });

      const killer = await connect({ port: store.port, flavour });
      await killer.query(`KILL ${slave!.connectionId}`);
      await until('it is ended', () => second.end !== null);
      await until('it is gone', () => store.server.slaves().length === 0);

      const third = await connect(identity);
      await third.dump();
      await until('it is there', () => store.server.slaves().length === 1);
      third.close();
      await until('it is gone', () => store.server.slaves().length === 0);
      await source.query('CREATE DATABASE e');
      await store.reach(await source.gtidExecuted());
    });

    test('are told that all is well when nothing comes, and where they are', async () => {
      const { source, store } = await filled(flavour, { segmentBytes: 2_000 });
      for (const flags of [0, HEARTBEAT_V2_OR_ANNOTATIONS]) {
        const replica = await connect({ port: store.port, flavour, heartbeatSeconds: 0.05 });
        await replica.dump({ flags, gtids: await source.gtidExecuted() });
        const isV2 = isMysql && flags !== 0;
        const beats = () => replica.events.filter(({ type }) => type === (isV2 ? HEARTBEAT_V2 : HEARTBEAT));
        await until('heartbeats come', () => beats().length > 3);
        const last = store.journal.segments().at(-1)!;
        expect(String(beats().at(-1)!.bytes)).toContain(last.name);
        if (isMysql) expect(beats().at(-1)!.bytes.readUInt32LE(13)).toBe(last.sizeBytes);
        expect(replica.disorders).toEqual([]);
      }
      const replica = await cluster.server({ flavour });
      await replica.replication.follow({ port: store.port, heartbeatSeconds: 0.1 });
      for (let i = 0; i < 12; i++) {
        await source.query(`INSERT INTO d.t VALUES (${10 + i}, REPEAT('x', 700))`);
        await new Promise((resolve) => setTimeout(resolve, 110));
      }
      await replica.replication.stop();
      await source.query("INSERT INTO d.t VALUES (1000, 'x')");
      await replica.replication.start();
      await expectEqual(source, store, replica);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await replica.replication.status()).toMatchObject({ io: 'running', ioError: '' });
    });

    test('that read nothing hold up nobody, and cost little', async () => {
      const { source, store } = await filled(flavour);
      const stuck = await Promise.all([1, 2, 3].map(() => connect({ port: store.port, flavour })));
      for (const replica of stuck) {
        await replica.dump({ countOnly: true });
        replica.pause();
      }
      const reading = await connect({ port: store.port, flavour });
      await reading.dump({ countOnly: true });
      const before = process.memoryUsage().arrayBuffers;
      for (let id = 100; id < 112; id++)
        await source.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', 6000000))`);
      await store.reach(await source.gtidExecuted());
      await reading.until(() => reading.counter.size > 68 * MEGABYTE);
      // What all readers share is 32 MB.
      expect((process.memoryUsage().arrayBuffers - before) / MEGABYTE).toBeLessThan(80);
      expect(store.server.slaves().filter(({ lagBytes }) => lagBytes > 10 * MEGABYTE)).toHaveLength(3);
      for (const replica of stuck) replica.resume();
      for (const replica of stuck) await replica.until(() => replica.counter.size > 68 * MEGABYTE);
    });
  });
});

describe.each(['mysql97', 'mariadb'] as const)('replicas of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('of the binlog server', () => {
    test('may be semi-synchronous, and over TLS', async () => {
      const tls = createCertificates(temporaryDirectory('certificates'), 'server');
      const { source, store } = await filled(flavour, { tls: createSecureContext(tls) });
      const replica = await cluster.server({ flavour, semiSync: 'replica' });
      await replica.replication.follow({ port: store.port, tls });
      for (let id = 10; id < 300; id++) await source.query(`INSERT INTO d.t VALUES (${id}, 'x')`);
      await source.query("INSERT INTO d.t VALUES (300, REPEAT('x', 17000000))");
      await expectEqual(source, store, replica);
      expect(store.server.slaves()).toMatchObject([{ semiSync: true }]);
      await replica.replication.stop();
      await until('it is gone', () => store.server.slaves().length === 0);
      await replica.replication.start();
      await source.query('CREATE DATABASE e');
      await expectEqual(source, store, replica);
    });

    test('their binlog program prints of the server, and of the files, what it prints of the source', async () => {
      const { source, store } = await filled(flavour);
      const program = FLAVOURS[flavour].binlog!;
      const login = (port: number) => [...remote(flavour, port), ...PRINTING];
      const names = store.journal.segments().map(({ name }) => name);
      const theirs = statements(await run(program, [...login(source.port), 'binlog.000001']));
      expect(theirs.length).toBeGreaterThan(10);
      expect(statements(await run(program, [...login(store.port), ...names]))).toEqual(theirs);
      const files = names.map((name) => join(store.journal.directory, name));
      expect(statements(await run(program, ['--no-defaults', ...PRINTING, ...files]))).toEqual(theirs);
    });
  });
});

describe.each(['mysql97', 'mariadb'] as const)('the binlog program of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('that never stops', () => {
    /** Runs until it was told of that row, as text or by its file. */
    async function follow(
      store: BinlogStore,
      args: readonly string[],
      hasAll: (output: string) => Promise<boolean>,
    ): Promise<string> {
      const [command, ...first] = FLAVOURS[flavour].binlog!;
      const lines: string[] = [];
      const child = new TestProcess({
        command,
        args: [...first, ...remote(flavour, store.port), '--stop-never', ...args],
        onLine: (line) => lines.push(line),
      });
      try {
        await until('it has all', async () => {
          if (!child.isRunning) throw new Error(child.output);
          return hasAll(lines.join('\n'));
        });
      } finally {
        await child.end();
      }
      return lines.join('\n');
    }

    test('prints what is there, and what comes', async () => {
      const { source, store } = await filled(flavour, { segmentBytes: 2_000 });
      const [{ name }] = [store.journal.segments()[0]!];
      let count = 10;
      const output = await follow(store, [...PRINTING, name], async (text) => {
        // What it prints stays in its buffer until that is full.
        await source.query(`INSERT INTO d.t VALUES (${count++}, REPEAT('x', 700))`);
        return text.includes('@1=20\n');
      });
      expect(store.journal.segments().length).toBeGreaterThan(2);
      await store.reach(await source.gtidExecuted());
      const rows = [...output.matchAll(/@1=(\d+)$/gm)].map(([, id]) => Number(id));
      expect(rows).toEqual([1, 2, 3, ...rows.slice(3).map((_, i) => 10 + i)]);
      expect(rows.length).toBeGreaterThan(12);
    });

    test('copies files that it reads as it reads those of the source', async () => {
      const { source, store } = await filled(flavour, { segmentBytes: 2_000 });
      const copies = temporaryDirectory('copies');
      const [{ name }] = [store.journal.segments()[0]!];
      const program = FLAVOURS[flavour].binlog!;
      const ofCopies = async (): Promise<string[]> => {
        const files = readdirSync(copies).sort();
        return statements(
          await run(program, ['--no-defaults', ...PRINTING, ...files.map((file) => join(copies, file))]),
        );
      };
      for (let id = 10; id < 20; id++) await source.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', 700))`);
      const theirs = statements(
        await run(program, [...remote(flavour, source.port), ...PRINTING, 'binlog.000001']),
      );
      await store.reach(await source.gtidExecuted());
      const names = store.journal.segments().map((segment) => segment.name);
      expect(names.length).toBeGreaterThan(2);
      await follow(store, ['--raw', `--result-file=${copies}/`, name], async () => {
        const sizes = names.map((each) => statSync(join(copies, each), { throwIfNoEntry: false })?.size);
        return store.journal.segments().every(({ sizeBytes }, i) => sizes[i] === sizeBytes);
      });
      // Of a MariaDB what is always so is told again for each file.
      const isTold = (line: string) => !/session\.(skip_parallel|gtid_domain_id|server_id)/.test(line);
      expect((await ofCopies()).filter(isTold)).toEqual(theirs.filter(isTold));
    });
  });
});

test('a library for changes of data finds what it asks for', async () => {
  const { source, store } = await filled('mysql56');
  const connection = await createConnection({ host: '127.0.0.1', port: store.port, ...REPL });
  const rows = async (sql: string): Promise<unknown> => (await connection.query(sql))[0];
  expect(await rows('select @@GLOBAL.binlog_checksum as checksum')).toEqual([{ checksum: 'CRC32' }]);
  await rows('set @master_binlog_checksum=@@global.binlog_checksum');
  expect(await rows('SHOW BINARY LOGS')).toEqual(
    store.journal.segments().map(({ name, sizeBytes }) => ({ Log_name: name, File_size: sizeBytes })),
  );
  expect(await rows('SELECT @@GLOBAL.gtid_executed AS gtidExecuted')).toEqual([
    { gtidExecuted: await source.gtidExecuted() },
  ]);
  expect(await rows('SELECT VERSION() AS version')).toEqual([{ version: expect.stringContaining('5.6.24') }]);
  connection.destroy();
});

test('strangers who speak HTTP or guess passwords are disconnected, and do not fill the log', async () => {
  const lines: string[] = [];
  const { store } = await filled('mariadb', { onLog: (line) => lines.push(line) });
  const warnings = (text: string): number => lines.filter((line) => line.includes(text)).length;
  for (let i = 0; i < 30; i++) {
    const socket = connectSocket(store.port, '127.0.0.1').resume();
    socket.write('POST / HTTP/1.1\r\nHost: x\r\n\r\nSELECT 1\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
  }
  for (let i = 0; i < 30; i++) {
    await expect(
      RawReplica.connect({ port: store.port, flavour: 'mariadb', password: `guess ${i}` }),
    ).rejects.toThrow();
  }
  await until('both warnings', () => warnings('broke the protocol') > 0 && warnings('was not let in') > 0);
  expect(warnings('broke the protocol') + warnings('was not let in')).toBeLessThan(60);
  expect(store.server.counters.refused.login).toBe(30);
  (await connect({ port: store.port, flavour: 'mariadb' })).close();
});
