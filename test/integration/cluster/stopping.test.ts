import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { freePort } from '../../harness/servers/ports.js';
import { TestProcess } from '../../harness/servers/process.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const MAIN = new URL('../../../dist/main.js', import.meta.url).pathname;

/** A `quorate` command, and the moment in which it says something. */
function launch(args: readonly string[], text: string): { process: TestProcess; said: Promise<void> } {
  let heard: () => void = () => undefined;
  const said = new Promise<void>((resolve) => (heard = resolve));
  const onLine = (line: string): void => {
    if (line.includes(text)) heard();
  };
  const started = new TestProcess({ command: process.execPath, args: [MAIN, ...args], onLine });
  return { process: started, said };
}

async function end(started: TestProcess): Promise<unknown> {
  await started.end('SIGTERM');
  return started.exited;
}

describe('a member that is stopped', () => {
  test('ends in order although a websocket client has stopped listening', async () => {
    const member = await QuorateMember.start();
    const socket = connect(member.port, '127.0.0.1');
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: localhost:${member.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
        'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    await once(socket, 'data');
    expect(await member.stop()).toBe(0);
    socket.destroy();
  });

  test('ends in order although a request never ends', async () => {
    const member = await QuorateMember.start();
    const socket = connect(member.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(socket, 'connect');
    expect(await member.stop()).toBe(0);
    socket.destroy();
  });
});

describe('a process that is stopped while it starts', () => {
  let etcd: EtcdCluster;
  let holder: QuorateMember;
  const TTL = ['--session-ttl', '20000'];

  beforeAll(async () => {
    etcd = await startEtcd();
    holder = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, args: TTL });
  });

  afterAll(async () => {
    await holder?.kill();
    await etcd?.stop();
  });

  const common = () => ['--etcd', etcd.endpoints.join(','), '--secret-key', holder.secretKey, ...TTL];

  test('ends at once while a member waits for its name', async () => {
    const directory = temporaryDirectory('twin');
    copyFileSync(join(holder.dataDir, 'member.json'), join(directory, 'member.json'));
    const listen = ['--listen', `127.0.0.1:${await freePort()}`, '--peer-listen', '127.0.0.1:0'];
    const twin = launch(
      ['serve', '--name', 'm1', ...listen, '--data-dir', directory, ...common()],
      'Waiting for the previous process',
    );
    await twin.said;
    expect(await end(twin.process)).toBe(0);
    expect((await holder.run('{ members { name } }')).members).toEqual([{ name: 'm1' }]);
  });

  test('ends at once while a proxy waits for its name, and leaves that to its holder', async () => {
    const listen = async () => ['--listen', `127.0.0.1:${await freePort()}`];
    const first = launch(['proxy', '--name', 'p1', ...(await listen()), ...common()], 'serves Redis clients');
    await first.said;
    const twin = launch(
      ['proxy', '--name', 'p1', ...(await listen()), ...common()],
      'Waiting for the session',
    );
    await twin.said;
    expect(await end(twin.process)).toBe(0);
    expect((await holder.run('{ proxies { name state } }')).proxies).toEqual([
      { name: 'p1', state: 'ONLINE' },
    ]);
    expect(await end(first.process)).toBe(0);
  });

  test('ends while etcd takes connections and says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.add(socket.resume());
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const asked = once(silent, 'connection');
    const member = launch(
      [
        'serve',
        '--name',
        'm9',
        '--listen',
        '127.0.0.1:0',
        '--peer-listen',
        '127.0.0.1:0',
        '--data-dir',
        temporaryDirectory('silent'),
        '--etcd',
        `127.0.0.1:${port}`,
      ],
      'Stopping',
    );
    await asked;
    expect(await end(member.process)).toBe(0);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
