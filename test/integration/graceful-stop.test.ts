import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/binlog/journal/verify.js';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
} from '../harness/servers/binlog/binlog-api.js';
import { ServerSet } from '../harness/servers/mysql/server-set.js';
import { freePort } from '../harness/servers/ports.js';
import { QuorateMember } from '../harness/servers/quorate.js';
import { startShardedRedis, type ShardedRedis } from '../harness/servers/sharded-redis.js';
import { until } from '../harness/until.js';

const servers = new ServerSet();
let member: QuorateMember | undefined;
let cluster: ShardedRedis | undefined;

afterEach(async () => {
  await member?.kill();
  await cluster?.stop();
  await servers.remove();
});

describe('a process that is stopped under load', () => {
  test('ends with status 0, and its journal and slaves lack nothing when it is back', async () => {
    const [source, replica] = [
      await servers.start({ flavour: 'mariadb' }),
      await servers.start({ flavour: 'mariadb' }),
    ];
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text LONGTEXT)');
    member = await QuorateMember.start({ name: 'm1' });
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    const port = await freePort();
    const { address, user, password } = slaveAccount('b1', port);
    const input = `{ name: "b1", address: "${address}", user: "${user}", password: "${password}" }`;
    await member.run(`mutation { startBinlogServer(input: ${input}) { userErrors { message } } }`);
    await replica.replication.follow({ port, user, password: SLAVE_PASSWORD });

    let written = 0;
    let isOver = false;
    const writing = (async () => {
      const connection = await source.connect();
      while (!isOver) {
        await connection.query('INSERT INTO shop.t (text) VALUES (?)', ['x'.repeat(written % 50_000)]);
        written++;
      }
      await connection.end();
    })();
    for (let round = 0; round < 3; round++) {
      const before = written;
      await until('the load goes on', () => written > before + 100);
      expect(await member.stop()).toBe(0);
      const { problems } = await verifyJournal(join(member.dataDir, 'journal'));
      expect(problems).toEqual([]);
      member = await QuorateMember.start({ name: 'm1', dataDir: member.dataDir });
    }
    isOver = true;
    await writing;
    await replica.replication.reach(await source.gtidExecuted());
    const count = 'SELECT COUNT(*) AS n, SUM(LENGTH(text)) AS bytes FROM shop.t';
    expect(await replica.query(count)).toEqual(await source.query(count));
    expect((await source.query(count))[0]).toMatchObject({ n: String(written) });
  });

  test('as a proxy, loses no write that it has confirmed, and leaves the cluster', async () => {
    cluster = await startShardedRedis({ groups: 2, proxies: 2 });
    const [leaving, staying] = cluster.proxies;
    const confirmed = new Map<string, string>();
    const clients = Array.from({ length: 8 }, () => {
      const client = new Redis({ port: leaving!.port, retryStrategy: null, maxRetriesPerRequest: 0 });
      client.on('error', () => undefined);
      return client;
    });
    const loops = clients.map(async (client, id) => {
      for (let n = 0; client.status !== 'end'; n++) {
        const [key, value] = [`c${id}:${n % 500}`, String(n)];
        const isConfirmed = await client.set(key, value).then(
          () => true,
          () => false,
        );
        // What was under way when the connection ended may have been written or not.
        if (isConfirmed) confirmed.set(key, value);
        else confirmed.delete(key);
      }
    });
    await until('the load goes on', () => confirmed.size > 2_000);
    expect(await leaving!.stop()).toBe(0);
    await Promise.all(loops);
    const check = new Redis({ port: staying!.port });
    for (const [key, value] of confirmed) expect([key, await check.get(key)]).toEqual([key, value]);
    check.disconnect();
    const { proxies } = await cluster.members[0]!.run('{ proxies { name } }');
    expect(proxies).toEqual([{ name: staying!.name }]);
  });
});
