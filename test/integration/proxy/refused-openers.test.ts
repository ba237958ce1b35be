import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command, type RespClient } from '../../harness/servers/redis-client.js';
import { TestProxy } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

describe('what follows a command that the proxy refuses', () => {
  let server: RedisServer;
  let proxy: TestProxy;

  beforeEach(async () => {
    server = await RedisServer.start();
    proxy = await TestProxy.start({ password: 'secret' });
    proxy.spread([server]);
  });

  afterEach(async () => {
    await proxy.stop();
    await server.stop();
  });

  /** Sends lines at once, as clients do that do not wait, and gives the replies. */
  async function pipeline(client: RespClient, ...lines: readonly string[]): Promise<string[]> {
    const replies = client.readMany(lines.length);
    client.send(Buffer.concat(lines.map((line) => command(...line.split(' ')))));
    return (await replies).map((reply) => String(reply).trimEnd());
  }

  async function loggedIn(): Promise<RespClient> {
    const client = await proxy.client();
    await client.ask('AUTH', 'secret');
    return client;
  }

  const REFUSED = /^-ERR quorate: 'MULTI' is refused/;
  const NOT_EXECUTED = /^-ERR quorate: '\w+' is not executed: it follows a MULTI that was refused/;
  const ABORTED = '-EXECABORT Transaction discarded because of previous errors.';

  it('is not executed when it belongs to a transaction, whose EXEC fails as in Redis', async () => {
    const client = await loggedIn();
    const replies = await pipeline(
      ...([client, 'MULTI', 'INCR n', 'MSET n 5 m 5', 'SELECT 3', 'AUTH wrong', 'PING', 'WATCH n'] as const),
      ...['MULTI', 'NOPE', 'GET', 'EXEC', 'INCR n', 'CLIENT ID'],
    );
    expect(replies[0]).toMatch(REFUSED);
    for (const reply of replies.slice(1, 7)) expect(reply).toMatch(NOT_EXECUTED);
    expect(replies.slice(7, 10)).toEqual([
      '-ERR MULTI calls can not be nested',
      "-ERR unknown command 'NOPE', with args beginning with:",
      "-ERR wrong number of arguments for 'get' command",
    ]);
    expect(replies.slice(10, 12)).toEqual([ABORTED, ':1']);
    expect(await client.ask('EXISTS', 'm')).toBe(':0');
  });

  it('is not executed either when it comes after the refusal was read', async () => {
    const client = await loggedIn();
    expect(await client.ask('MULTI')).toMatch(REFUSED);
    expect(await client.ask('SET', 'k', 'v')).toMatch(NOT_EXECUTED);
    expect(await client.ask('EXEC')).toBe(ABORTED);
    expect(await client.ask('GET', 'k')).toBe('$-1');
  });

  it('is executed again after DISCARD, and after RESET', async () => {
    const client = await loggedIn();
    const replies = await pipeline(
      client,
      'MULTI',
      'INCR n',
      'DISCARD',
      'INCR n',
      'MULTI',
      'RESET',
      'INCR n',
    );
    expect([replies[2], replies[3], replies[5], replies[6]]).toEqual([
      '+OK',
      ':1',
      '+RESET',
      '-NOAUTH Authentication required.',
    ]);
    expect((await pipeline(client, 'AUTH secret', 'INCR n'))[1]).toBe(':2');
  });

  it('ends with QUIT in a transaction', async () => {
    const client = await loggedIn();
    expect((await pipeline(client, 'MULTI', 'SET k v', 'QUIT'))[2]).toBe('+OK');
    await client.closed;
  });

  it('is no transaction after a MULTI that Redis itself would not have taken for one', async () => {
    const client = await loggedIn();
    expect((await pipeline(client, 'MULTI x', 'INCR n'))[1]).toBe(':1');
    const stranger = await proxy.client();
    const replies = await pipeline(stranger, 'MULTI', 'AUTH secret', 'INCR n');
    expect(replies).toEqual(['-NOAUTH Authentication required.', '+OK', ':2']);
  });

  it.each(['CLIENT REPLY OFF', 'CLIENT REPLY SKIP', 'SCRIPT DEBUG YES', 'SCRIPT DEBUG SYNC'])(
    'does not run after %s: the connection is closed',
    async (line) => {
      const client = await loggedIn();
      const reply = client.read();
      client.send(Buffer.concat([command(...line.split(' ')), command('SET', 'k', 'v')]));
      expect(String(await reply)).toMatch(/is refused/);
      await client.closed;
      expect(await (await loggedIn()).ask('EXISTS', 'k')).toBe(':0');
    },
  );

  it('goes on as in Redis after what changes nothing', async () => {
    const client = await loggedIn();
    const lines = ['CLIENT REPLY ON', 'SELECT 16', 'HELLO 4', 'AUTH wrong', 'CLIENT REPLY maybe', 'INCR n'];
    const ours = await pipeline(client, ...lines);
    const direct = await server.client();
    await direct.ask('CONFIG', 'SET', 'requirepass', 'secret');
    await direct.ask('DEL', 'n');
    expect(ours).toEqual(await pipeline(direct, ...lines));
  });
});
