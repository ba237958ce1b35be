import {
  closeSync,
  cpSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSyncer, sourceInput, untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { launchQuorate, QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { makeToken } from '../../harness/servers/tokens.js';

const ARGS = ['--session-ttl', '2000', '--journal-segment-size', '8192'];
const servers = new ServerSet();
const tokens = join(temporaryDirectory('tokens'), 'tokens.yaml');
let etcd: EtcdCluster;
let source: MysqlServer;
let first: QuorateMember;
let second: QuorateMember;
let admin: string;
let viewer: string;

async function verify(
  directory: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ status: number | NodeJS.Signals | null; output: string }> {
  const command = launchQuorate(['journal', 'verify', directory, ...args], env);
  return { status: await command.exited, output: command.output };
}

function copyOfSecond(): string {
  const copy = temporaryDirectory('journal-copy');
  cpSync(join(second.dataDir, 'journal'), copy, { recursive: true });
  return copy;
}

function fileOf(token: string): string {
  const file = join(temporaryDirectory('token'), 'token');
  writeFileSync(file, `${token}\n`);
  return file;
}

function changeByte(file: string, offset: number): void {
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, offset);
  byte[0]! ^= 0xff;
  writeSync(descriptor, byte, 0, 1, offset);
  closeSync(descriptor);
}

beforeAll(async () => {
  [admin, viewer] = [await makeToken(tokens, 'ADMIN'), await makeToken(tokens, 'VIEWER')];
  source = await servers.start({ flavour: 'mariadb' });
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text TEXT)');
  etcd = await startEtcd();
  const common = { etcd: etcd.endpoints, args: [...ARGS, '--tokens', tokens], token: admin };
  first = await QuorateMember.start({ name: 'm1', ...common });
  second = await QuorateMember.start({ name: 'm2', secretKey: first.secretKey, ...common });
  await changeSyncer(first, 'startSyncer', sourceInput(source));
  for (let i = 0; i < 40; i++) await source.query(`INSERT INTO shop.t (text) VALUES (REPEAT('x', 1000))`);
  await untilCaughtUp(first, source);
  await untilCaughtUp(second, source);
  await second.stop();
});
afterAll(async () => {
  await Promise.all([first, second].map((member) => member?.kill()));
  await servers.remove();
  await etcd?.stop();
});

describe('journal verify --against', () => {
  test('finds the files of two members equal', async () => {
    const { status, output } = await verify(join(second.dataDir, 'journal'), ['--against', first.url], {
      QUORATE_TOKEN: admin,
    });
    expect(output).toMatch(new RegExp(`Equal to ${first.url}: \\d+ segments, \\d+ committed bytes`));
    expect(status).toBe(0);
  });

  test('names the file and the offset of the first byte that is another one', async () => {
    const copy = copyOfSecond();
    changeByte(join(copy, 'quorate-binlog.000003'), 5_003);
    changeByte(join(copy, 'quorate-binlog.000003'), 6_000);
    changeByte(join(copy, 'quorate-binlog.000004'), 4_000);
    const { status, output } = await verify(copy, ['--against', first.url, '--token-file', fileOf(admin)]);
    expect(output).toContain(
      `${join(copy, 'quorate-binlog.000003')} at byte 5003: this byte is another one there`,
    );
    expect(status).toBe(1);
  });

  test('tells of a file that is missing, and of one that ends early', async () => {
    const args = ['--against', first.url, '--token-file', fileOf(admin)];
    const short = copyOfSecond();
    const file = join(short, 'quorate-binlog.000002');
    const size = statSync(file).size;
    truncateSync(file, size - 10);
    expect(await verify(short, args)).toMatchObject({
      status: 1,
      output: expect.stringContaining(`${file} at byte ${size - 10}: it ends here; there ${size} bytes`),
    });
    const without = copyOfSecond();
    rmSync(join(without, 'quorate-binlog.000002'));
    expect(await verify(without, args)).toMatchObject({
      status: 1,
      output: expect.stringContaining(`${join(without, 'quorate-binlog.000002')} at byte 0: it is missing`),
    });
  });

  test('is for administrators, and says so', async () => {
    const directory = join(second.dataDir, 'journal');
    for (const [args, reason] of [
      [['--against', first.url], /answered 401: A token is needed/],
      [['--against', first.url, '--token-file', fileOf(viewer)], /answered 403: This needs the role ADMIN/],
      [['--against', 'nowhere'], /--against takes a member's URL/],
    ] as const) {
      const { status, output } = await verify(directory, args, { QUORATE_TOKEN: '' });
      expect(output).toMatch(reason);
      expect(status).toBe(1);
    }
  });

  test('believes nothing that is no answer', async () => {
    const stranger: Server = createServer((_request, response) => response.end('{"segments":1}'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
      const { status, output } = await verify(join(second.dataDir, 'journal'), ['--against', url]);
      expect(output).toContain(`${url} is no member of this version`);
      expect(status).toBe(1);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });
});
