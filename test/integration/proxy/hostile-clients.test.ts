import { afterEach, describe, expect, it } from 'vitest';
import type { ClientWarning } from '../../../src/redis/proxy/client-warnings.js';
import { command, RespClient } from '../../harness/servers/redis-client.js';
import { TestProxy, until } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

const POST = [
  'POST / HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: text/plain',
  'Content-Length: 24',
  '',
  'SET pwned yes',
  'GET pwned',
  '',
].join('\r\n');

/** Everything that a peer answers until it closes the connection. */
async function answersTo(port: number, bytes: Buffer | string): Promise<string> {
  const client = await RespClient.connect(port);
  const chunks: Buffer[] = [];
  client.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  client.send(bytes);
  await client.closed;
  return Buffer.concat(chunks).toString('latin1');
}

describe('a hostile client of the proxy', () => {
  let server: RedisServer;
  let proxy: TestProxy;
  let warnings: ClientWarning[];

  async function setUp(setup: Parameters<typeof TestProxy.start>[0] = {}): Promise<void> {
    warnings = [];
    server = await RedisServer.start();
    proxy = await TestProxy.start({ ...setup, onWarning: (warning) => warnings.push(warning) });
    proxy.spread([server]);
  }

  afterEach(async () => {
    await proxy.stop();
    await server.stop();
  });

  it.each([
    ['a POST with commands in its body', POST],
    ['a request whose body follows the Host header', 'PUT / HTTP/1.1\r\nHost: x\r\n\r\nSET pwned yes\r\n'],
    ['host: in any case, as an array', '*2\r\n$5\r\nhOsT:\r\n$1\r\nx\r\nSET pwned yes\r\n'],
    ['POST as an array', '*1\r\n$4\r\npost\r\nSET pwned yes\r\n'],
  ])('that sends %s is disconnected like by redis-server, and nothing after it counts', async (_, bytes) => {
    await setUp();
    expect(await answersTo(server.port, bytes)).toBe(await answersTo(proxy.port, bytes));
    const client = await proxy.client();
    expect(await client.ask('EXISTS', 'pwned')).toBe(':0');
    expect(warnings).toEqual([
      { kind: 'cross-protocol', client: expect.stringMatching(/^127\.0\.0\.1:\d+$/), suppressed: 0 },
    ]);
  });

  it('that sends POST before it has authenticated is disconnected too', async () => {
    await setUp({ password: 'secret' });
    expect(await answersTo(proxy.port, POST)).toBe('');
  });

  it('is told of once a minute, however often it comes', async () => {
    await setUp();
    for (let i = 0; i < 20; i++) await answersTo(proxy.port, POST);
    expect(warnings).toHaveLength(1);
  });

  it('that guesses passwords is noticed', async () => {
    await setUp({ password: 'secret' });
    const client = await proxy.client();
    for (const guess of [['x'], ['default', 'y'], ['somebody', 'secret']]) {
      expect(await client.ask('AUTH', ...guess)).toMatch(/^-WRONGPASS/);
    }
    expect(await client.ask('HELLO', '2', 'AUTH', 'default', 'z')).toMatch(/^-WRONGPASS/);
    expect(warnings.map(({ kind }) => kind)).toEqual(['wrong-password']);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });

  it.each([
    ['more than ten arguments', '*11\r\n'],
    ['an argument of more than 16 KiB', '*2\r\n$4\r\nAUTH\r\n$16385\r\n'],
    ['a line of more than 64 KiB', 'x'.repeat(70_000)],
  ])('that announces %s without a password is answered as by redis-server', async (_, bytes) => {
    await setUp({ password: 'secret' });
    const admin = await server.client();
    await admin.ask('CONFIG', 'SET', 'requirepass', 'secret');
    expect(await answersTo(proxy.port, bytes)).toBe(await answersTo(server.port, bytes));
  });

  it('that types many words without a password is only told to authenticate', async () => {
    await setUp({ password: 'secret' });
    const client = await proxy.client();
    const replies = client.readMany(2);
    client.send('PING a b c d e f g h i j k l\r\nMGET a b c d e f g h i j k l\r\n');
    expect((await replies).map(String)).toEqual(Array(2).fill('-NOAUTH Authentication required.\r\n'));
  });

  it('that has not authenticated and does not read is not read either', async () => {
    await setUp({ password: 'secret', limits: { outputBufferBytes: 1024 * 1024 * 1024 } });
    const client = await proxy.client();
    client.socket.removeAllListeners('data').pause();
    const requests = 500_000;
    client.send(Buffer.concat(Array.from({ length: requests }, () => command('GET', 'k'))));
    const answered = (): number => proxy.server.tally().proxyErrors;
    let before = -1;
    await until(async () => {
      const settled = answered() === before && before > 0;
      before = answered();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return settled;
    });
    expect(answered()).toBeLessThan(requests);
    let received = 0;
    client.socket.on('data', (chunk: Buffer) => (received += chunk.length));
    client.socket.resume();
    await until(() => received === requests * '-NOAUTH Authentication required.\r\n'.length);
  });
});
