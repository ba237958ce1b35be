import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type QuorateClient } from '../../../src/sdk/index.js';
import { untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { freePort } from '../../harness/servers/ports.js';
import { TestProcess } from '../../harness/servers/process.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
let member: QuorateMember;
let servers: RedisServer[];
let client: QuorateClient;

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  client = createClient({ url: member.url });
  for (const [i, { address }] of servers.entries()) {
    await client.createGroup({ input: { number: i + 1 } });
    await client.addServer({ input: { group: i + 1, address } });
  }
  await client.initSlots();
  await client.assignSlots({ input: { from: 0, to: 1023, group: 1 } });
});

afterAll(async () => {
  await client?.close();
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

function start(...args: string[]): TestProcess {
  return new TestProcess({ command: process.execPath, args, cwd: ROOT });
}

describe('the examples of the SDK', () => {
  test('move slots to their end, and tell of a refusal; who watches sees both', async () => {
    const watching = start('examples/watch-slot-moves/watch.mjs', member.url);
    await until('it is connected', () => watching.output.includes('(connected)'));
    const moving = start('examples/move-slots/move.mjs', '0', '7', '2', member.url);
    expect(await moving.exited).toBe(0);
    expect(moving.output).toMatch(/: 8 slots\n[^]*SUCCEEDED/);
    await until('the move has been seen', () => /slot 7 went from 1 to 2/.test(watching.output));
    await until('its end has been seen', () => watching.output.includes('SUCCEEDED'));
    await watching.end('SIGINT');
    expect(await watching.exited).toBe(0);

    const refused = start('examples/move-slots/move.mjs', '0', '7', '9', member.url);
    expect(await refused.exited).toBe(1);
    expect(refused.output).toMatch(/^Refused \(/);
  });

  test('alert while a slave lags', async () => {
    const sources = new ServerSet();
    const source = await sources.start({ flavour: 'mariadb' });
    const port = await freePort();
    await client.startSyncer({
      input: {
        ...{
          serverId: 99,
          serverUuid: '0000c0de-0000-4000-8000-0000000000ee',
          sourceAddress: source.address,
        },
        ...REPL,
      },
    });
    await client.startBinlogServer({ input: { name: 'main', address: `127.0.0.1:${port}`, ...REPL } });
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (text LONGTEXT)');
    await untilCaughtUp(member, source);
    const replica = await RawReplica.connect({ port, flavour: 'mariadb', serverId: 78 });
    const alerting = start('examples/slave-lag-alert/alert.mjs', '1000000', member.url);
    try {
      await replica.dump({ gtids: '' });
      await replica.until(() => replica.stored.length > 1);
      replica.pause();
      for (let i = 0; i < 8; i++) await source.query(`INSERT INTO shop.t VALUES (REPEAT('x', 3000000))`);
      await until('it alerts', () => /^ALERT slave\/main\/m1\/\d+ at 127/m.test(alerting.output));
      replica.resume();
      await until('it has caught up', () => /^OK slave\/main\/m1\/\d+ has caught up$/m.test(alerting.output));
      await alerting.end('SIGINT');
      expect(await alerting.exited).toBe(0);
    } finally {
      replica.close();
      await alerting.end();
      await sources.remove();
    }
  });

  test('generate a client for queries of your own', async () => {
    const fresh = join(temporaryDirectory('own-client'), 'client.ts');
    expect(await start('examples/own-client/generate.mjs', fresh).exited).toBe(0);
    expect(readFileSync(fresh, 'utf8')).toBe(readFileSync(`${ROOT}examples/own-client/client.ts`, 'utf8'));
    const using = start('node_modules/tsx/dist/cli.mjs', 'examples/own-client/use.ts', member.url);
    expect(await using.exited).toBe(0);
    expect(using.output).toMatch(/led by m1\nGroup 1 has 10\d\d slots\.$/);
  });
});
