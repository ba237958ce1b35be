import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCertificates } from '../../harness/servers/certificates.js';
import { FLAVOUR_NAMES, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { ServerError } from '../../harness/checkers/raw-replica/answers.js';
import {
  HEARTBEAT_V2_OR_ANNOTATIONS,
  NON_BLOCK,
  RawReplica,
  type RawReplicaOptions,
} from '../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { runWorkload } from '../../harness/servers/mysql/workload/workload.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
const ALL = NON_BLOCK | HEARTBEAT_V2_OR_ANNOTATIONS;
const [ROTATE, FORMAT_DESCRIPTION, HEARTBEAT] = [0x04, 0x0f, 0x1b];

const servers = new ServerSet();
const replicas: RawReplica[] = [];

afterEach(async () => {
  for (const replica of replicas.splice(0)) replica.close();
  await servers.remove();
});

async function connect(options: RawReplicaOptions): Promise<RawReplica> {
  const replica = await RawReplica.connect(options);
  replicas.push(replica);
  return replica;
}

async function commitFive(source: MysqlServer): Promise<void> {
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
  for (const id of [1, 2, 3]) await source.query(`INSERT INTO d.t VALUES (${id})`);
}

/** MariaDB writes into a new file, some time later, that a recovery needs none before it. */
async function untilSteady(source: MysqlServer): Promise<void> {
  if (source.flavour.name !== 'mariadb') return;
  const newest = (await source.binlogFiles()).at(-1)!.name;
  await until(`${newest} is all that a recovery needs`, async () =>
    (await source.query(`SHOW BINLOG EVENTS IN '${newest}'`)).some(
      (row) => row['Event_type'] === 'Binlog_checkpoint' && row['Info'] === newest,
    ),
  );
}

describe.each(FLAVOUR_NAMES)('a raw replica of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('without semi-sync', () => {
    test('is sent what the files hold, byte for byte', async () => {
      const source = await servers.start({ flavour });
      await runWorkload(source, { seed: 3, transactions: 300 });
      // An event that is longer than a packet.
      await source.query('CREATE TABLE work_3_0.huge (data LONGBLOB)');
      await source.restart(['--loose-innodb-log-file-size=256M']);
      await source.query("INSERT INTO work_3_0.huge VALUES (REPEAT('x', 20000000))");
      await source.rotate();
      await untilSteady(source);

      const replica = await connect({ port: source.port, flavour });
      await replica.dump({ flags: ALL });
      expect(await replica.untilEnd()).toBe('eof');
      expect(replica.disorders).toEqual([]);
      expect(replica.events.slice(0, 2).map(({ type }) => type)).toEqual([ROTATE, FORMAT_DESCRIPTION]);
      const closed = (await source.binlogFiles()).slice(0, -1).map(({ name }) => {
        return readFileSync(join(source.dataDirectory, name)).subarray(MAGIC.length);
      });
      expect(closed.length).toBe(2);
      const sent = Buffer.concat(replica.stored.map(({ bytes }) => bytes));
      expect(sent.subarray(0, Buffer.concat(closed).length).equals(Buffer.concat(closed))).toBe(true);

      const counting = await connect({ port: source.port, flavour });
      await counting.dump({ flags: ALL, countOnly: true });
      expect(await counting.untilEnd()).toBe('eof');
      expect(counting.counter.events).toBe(replica.events.length);
      expect(counting.counter.size).toBeGreaterThan(sent.length);
    });

    test('goes on after what it has, hears heartbeats, and reads when it likes', async () => {
      const source = await servers.start({ flavour });
      await commitFive(source);
      const gtids = await source.gtidExecuted();
      const replica = await connect({ port: source.port, flavour, heartbeatSeconds: 0.2 });
      await replica.dump({ gtids });
      await replica.until(() => replica.events.some(({ type }) => type === HEARTBEAT));
      replica.pause();
      await source.query('CREATE TABLE d.only_this (id INT)');
      replica.resume();
      await replica.until(() => replica.events.some(({ bytes }) => bytes.includes('only_this')));
      expect(replica.events.some(({ bytes }) => bytes.includes('CREATE TABLE d.t'))).toBe(false);
      expect(replica.disorders).toEqual([]);
    });

    test('is told what is wrong', async () => {
      const source = await servers.start({ flavour });
      const replica = await connect({ port: source.port, flavour });
      await expect(replica.query('SELECT @@GLOBAL.no_such_variable')).rejects.toMatchObject({ code: 1193 });
      await replica.dump({ gtids: null, position: { file: 'binlog.000009', offset: 4 } });
      const end = await replica.untilEnd();
      expect(end).toBeInstanceOf(ServerError);
      expect(end).toMatchObject({ code: 1236, sqlState: 'HY000' });
      expect(String(end)).toContain('Could not find first log file name in binary log index file');
    });
  });

  describe.skipIf(flavour === 'mysql56' || isMissing(flavour))('with semi-sync', () => {
    const never = flavour === 'mariadb' ? '--rpl-semi-sync-master-timeout' : '--rpl-semi-sync-source-timeout';

    test('has commits wait for its acknowledgement', async () => {
      const source = await servers.start({ flavour, semiSync: 'source', args: [`${never}=600000`] });
      const replica = await connect({ port: source.port, flavour, semiSync: 'by hand' });
      await replica.dump();
      await replica.until(() => replica.events.length > 1);
      const waiting = () => replica.events.filter(({ wantsAck }) => wantsAck === true);

      const client = await source.connect();
      let committed = false;
      const commit = client.query('CREATE DATABASE d').then(() => (committed = true));
      await replica.until(() => waiting().length === 1);
      await source.query('SELECT 1');
      expect(committed).toBe(false);
      replica.acknowledge(waiting()[0]!);
      await commit;
      client.destroy();
    });

    test('acknowledges by itself, over TLS', async () => {
      const tls = createCertificates(temporaryDirectory('tls'), flavour);
      const source = await servers.start({ flavour, semiSync: 'source', tls, args: [`${never}=600000`] });
      const replica = await connect({ port: source.port, flavour, semiSync: 'automatic', tls });
      expect(await replica.query("SHOW STATUS LIKE 'Ssl_cipher'")).not.toEqual([['Ssl_cipher', '']]);
      await replica.dump();
      await replica.until(() => replica.events.length > 1);
      await commitFive(source);
      expect(replica.events.filter(({ wantsAck }) => wantsAck === true).length).toBe(5);
      expect(replica.disorders).toEqual([]);
    });
  });
});
