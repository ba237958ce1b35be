import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/redis/proxy/commands/table.js';
import { toStats } from '../../../src/redis/proxy/stats.js';
import { command, RespClient } from '../../harness/servers/redis-client.js';
import { keysWhere, TestProxy, until } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

describe('a client of the proxy', () => {
  let a: RedisServer;
  let b: RedisServer;
  let proxy: TestProxy;

  async function setUp(setup: Parameters<typeof TestProxy.start>[0] = {}): Promise<void> {
    [a, b] = await Promise.all([RedisServer.start(), RedisServer.start()]);
    proxy = await TestProxy.start(setup);
    proxy.spread([a, b]);
  }

  afterEach(async () => {
    await proxy.stop();
    await Promise.all([a.stop(), b.stop()]);
  });

  describe('without a password', () => {
    beforeEach(() => setUp());

    it('gets the replies to a mixed pipeline in its order', async () => {
      const client = await proxy.client();
      const requests: Buffer[] = [];
      const expected: string[] = [];
      const add = (reply: string, ...words: string[]): void => {
        requests.push(command(...words));
        expected.push(reply);
      };
      for (let i = 0; i < 300; i++) {
        add('+OK\r\n', 'SET', `key${i}`, String(i));
        add('+PONG\r\n', 'PING');
        add(`$${String(i).length}\r\n${i}\r\n`, 'GET', `key${i}`);
        add('+OK\r\n', 'MSET', `a${i}`, '1', `b${i}`, '2', `c${i}`, '3');
        add('*3\r\n$1\r\n3\r\n$1\r\n1\r\n$-1\r\n', 'MGET', `c${i}`, `a${i}`, `missing${i}`);
        add(':3\r\n', 'DEL', `a${i}`, `b${i}`, `c${i}`);
        add("-ERR wrong number of arguments for 'get' command\r\n", 'GET');
        add("-CROSSSLOT Keys in request don't hash to the same slot\r\n", 'RENAME', 'a', 'b');
        add('+OK\r\n', 'SELECT', String(i % 16));
        add('$-1\r\n', 'GET', `nothing${i}`);
        add('+OK\r\n', 'SELECT', '0');
      }
      const replies = client.readMany(expected.length);
      client.send(Buffer.concat(requests));
      expect((await replies).map(String)).toEqual(expected);
    });

    it('may send 10,000 requests before it reads', async () => {
      const client = await proxy.client();
      const count = 10_000;
      const replies = client.readMany(2 * count);
      client.send(
        Buffer.concat(
          Array.from({ length: count }, (_, i) =>
            Buffer.concat([command('SET', `deep${i}`, `v${i}`), command('GET', `deep${i}`)]),
          ),
        ),
      );
      const texts = (await replies).map(String);
      for (let i = 0; i < count; i++) {
        expect(texts[2 * i]).toBe('+OK\r\n');
        expect(texts[2 * i + 1]).toBe(`$${`v${i}`.length}\r\nv${i}\r\n`);
      }
      expect(proxy.server.tally().inFlight).toBe(0);
    });

    it('may use values of 50 MB, in pipelines and split commands too', async () => {
      const client = await proxy.client();
      const [first, second] = [
        keysWhere(1, (slot) => slot % 2 === 0)[0]!,
        keysWhere(1, (slot) => slot % 2 === 1)[0]!,
      ];
      const value = Buffer.alloc(50_000_000);
      for (let i = 0; i < value.length; i += 997) value[i] = i % 251;
      expect(String(await client.askBytes('MSET', first, value, second, 'small'))).toBe('+OK\r\n');
      const replies = client.readMany(4);
      client.send(
        Buffer.concat([
          command('GET', second),
          command('GET', first),
          command('MGET', second, first),
          command('PING'),
        ]),
      );
      const [small, big, both, pong] = await replies;
      expect(String(small)).toBe('$5\r\nsmall\r\n');
      const wanted = Buffer.concat([Buffer.from('$50000000\r\n'), value, Buffer.from('\r\n')]);
      expect(big!.equals(wanted)).toBe(true);
      expect(both!.equals(Buffer.concat([Buffer.from('*2\r\n$5\r\nsmall\r\n'), wanted]))).toBe(true);
      expect(String(pong)).toBe('+PONG\r\n');
    });

    it('may use arrays of 100,000 elements', async () => {
      const client = await proxy.client();
      const members = Array.from({ length: 100_000 }, (_, i) => `member-${i}`);
      expect(await client.askList(['RPUSH', 'list', ...members])).toBe(':100000');
      const reply = String(await client.askBytes('LRANGE', 'list', '0', '-1'));
      expect(reply).toBe(`*100000\r\n${members.map((each) => `$${each.length}\r\n${each}\r\n`).join('')}`);
      const pairs = members.flatMap((each) => [each, each]);
      expect(await client.askList(['MSET', ...pairs])).toBe('+OK');
      expect(await client.askList(['MGET', ...members])).toBe(reply.slice(0, -2));
    });

    it('may type its commands by hand', async () => {
      const client = await proxy.client();
      const replies = client.readMany(4);
      client.send('\r\nSET "a key" \'it\\\'s\'\r\nget "a\\x20key"\n  PING  \r\n');
      client.send('MGET "a key" nothing\r\n');
      expect((await replies).map(String)).toEqual([
        '+OK\r\n',
        "$4\r\nit's\r\n",
        '+PONG\r\n',
        "*2\r\n$4\r\nit's\r\n$-1\r\n",
      ]);
    });

    it.each([
      ['*1\r\n$-5\r\n', 'invalid bulk length'],
      ['*x\r\n', 'invalid multibulk length'],
      ['*1\r\nGET\r\n', "expected '$', got 'G'"],
      ['GET "x\r\n', 'unbalanced quotes in request'],
    ])('that sends %j is told so and disconnected, after its earlier requests', async (bytes, reason) => {
      const client = await proxy.client();
      const other = await proxy.client();
      const replies = client.readMany(2);
      client.send(Buffer.concat([command('SET', 'k', 'v'), Buffer.from(bytes)]));
      expect((await replies).map(String)).toEqual(['+OK\r\n', `-ERR Protocol error: ${reason}\r\n`]);
      await client.closed;
      expect(await other.ask('GET', 'k')).toBe('$1\r\nv');
    });

    it('that says QUIT, or closes its side, gets its replies and is disconnected', async () => {
      const quitting = await proxy.client();
      const replies = quitting.readMany(3);
      quitting.send('SET k v\r\nGET k\r\nQUIT\r\nSET k ignored\r\n');
      expect((await replies).map(String)).toEqual(['+OK\r\n', '$1\r\nv\r\n', '+OK\r\n']);
      await quitting.closed;
      const ending = await proxy.client();
      const last = ending.readMany(2);
      ending.socket.end('GET k\r\nMGET k nothing\r\n');
      expect((await last).map(String)).toEqual(['$1\r\nv\r\n', '*2\r\n$1\r\nv\r\n$-1\r\n']);
      await ending.closed;
    });

    it('that goes away with requests in flight harms nobody', async () => {
      const other = await proxy.client();
      for (let round = 0; round < 20; round++) {
        const client = await proxy.client();
        client.send(Buffer.concat(Array.from({ length: 500 }, (_, i) => command('INCR', `gone${i % 7}`))));
        await new Promise((resolve) => setImmediate(resolve));
        client.socket.resetAndDestroy();
        expect(await other.ask('SET', `other${round}`, 'v')).toBe('+OK');
        expect(await other.ask('GET', `other${round}`)).toBe('$1\r\nv');
      }
      await until(() => proxy.server.tally().inFlight === 0 && proxy.server.tally().sessions === 1);
    });

    it('that sends noise harms nobody', async () => {
      const other = await proxy.client();
      const pieces = [
        '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n',
        '*',
        '$',
        '\r\n',
        '-1',
        '3',
        '"',
        'GET k',
        '\0\xff',
      ];
      let state = 42;
      const random = (below: number): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) % below;
      };
      for (let round = 0; round < 200; round++) {
        const noisy = await proxy.client();
        const noise = Array.from({ length: 1 + random(30) }, () => pieces[random(pieces.length)]!).join('');
        noisy.socket.end(Buffer.from(noise, 'latin1'));
        await noisy.closed;
        expect(await other.ask('INCR', 'counter')).toBe(`:${round + 1}`);
      }
      await until(() => proxy.server.tally().inFlight === 0 && proxy.server.tally().sessions === 1);
    });

    it('is refused what makes no sense through a proxy, with the reason', async () => {
      const client = await proxy.client();
      for (const { name, arity, disposition, reason } of COMMANDS) {
        if (disposition !== 'refuse') continue;
        const args = new Array<string>(Math.abs(arity) - 1).fill('x');
        expect(await client.ask(name, ...args)).toBe(
          `-ERR quorate: '${name.toUpperCase()}' is refused: ${reason}`,
        );
        if (name === 'multi') await client.ask('DISCARD');
      }
      const refused = {
        'XREAD BLOCK 0 STREAMS s $': 'BLOCK is refused',
        'XREADGROUP GROUP g c BLOCK 1 STREAMS s >': 'BLOCK is refused',
        'EVAL return 0': 'without keys is refused',
        'SORT l BY w_*': 'SORT with BY of other keys is refused',
        'SORT l GET #': '*0',
        'SORT l GET w_*': 'SORT with GET of other keys is refused',
        'COPY {a}1 {a}2 DB 3': 'COPY with DB is refused',
        'OBJECT HELP': "'OBJECT HELP' is refused",
        'CONFIG SET save x': 'CONFIG',
        'CLIENT KILL x': "'CLIENT KILL' is refused",
        'SCRIPT DEBUG NO': "'SCRIPT' is refused",
      };
      for (const [line, text] of Object.entries(refused)) {
        expect(await client.ask(...line.split(' '))).toContain(text);
      }
    });

    it('reads its own bytes in the errors that repeat them', async () => {
      const client = await proxy.client();
      const direct = await a.client();
      for (const words of [
        ['áé', 'ü'],
        ['CLIENT', 'ßß'],
      ]) {
        expect((await client.askBytes(...words)).toString('utf8')).toBe(
          (await direct.askBytes(...words)).toString('utf8'),
        );
      }
    });

    it('is told of the commands it may use', async () => {
      const client = await proxy.client();
      const count = Number((await client.ask('COMMAND', 'COUNT')).slice(1));
      expect(count).toBe(COMMANDS.filter(({ disposition }) => disposition !== 'refuse').length);
      expect(await client.ask('COMMAND')).toMatch(
        new RegExp(`^\\*${count}\r\n\\*10\r\n\\$6\r\nappend\r\n:3\r\n`),
      );
      expect(await client.ask('COMMAND', 'INFO', 'get', 'multi')).toMatch(
        /^\*2\r\n\*10\r\n\$3\r\nget\r\n[^]*\*-1$/,
      );
      expect(await client.ask('COMMAND', 'GETKEYS', 'MSET', 'a', '1', 'b', '2')).toBe(
        '*2\r\n$1\r\na\r\n$1\r\nb',
      );
      expect(await client.ask('COMMAND', 'LIST')).toContain('\r\nget\r\n');
      expect(await client.ask('COMMAND', 'DOCS')).toBe('*0');
    });

    it('lists commands and settings by pattern', async () => {
      const client = await proxy.client();
      const listed = await client.askList(['COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'xre*']);
      expect(listed.match(/[a-z]{3,}/g)!.sort()).toEqual(['xread', 'xreadgroup', 'xrevrange']);
      expect(await client.ask('COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'none')).toBe('*0');
      expect(await client.ask('COMMAND', 'LIST', 'FILTERBY', 'SHAPE', 'round')).toBe('-ERR syntax error');
      expect(await client.askList(['CONFIG', 'GET', 'maxmem*'])).toContain('noeviction');
      expect(await client.askList(['CONFIG', 'GET', 'data[a-c]ases'])).toContain('16');
      expect(await client.ask('CONFIG', 'GET', 'nothing*')).toBe('*0');
      for (const section of ['cpu', 'cluster', 'keyspace', 'memory'])
        expect(await client.ask('INFO', section)).toMatch(new RegExp(`# ${section}`, 'i'));
      expect(await client.ask('INFO')).toMatch(/arch_bits:64[^]*used_cpu_sys:\d+\.\d+[^]*cluster_enabled:0/);
      client.close();
    });

    it('learns about the proxy from INFO, HELLO, CLIENT and TIME', async () => {
      const client = await proxy.client();
      const info = await client.ask('INFO');
      for (const line of [
        'redis_version:7.0',
        'loading:0',
        'proxy_name:test',
        'routing_revision_applied:1',
      ]) {
        expect(info).toContain(line);
      }
      expect(await client.ask('INFO', 'clients')).toMatch(/^\$\d+\r\n# Clients\r\nconnected_clients:1\r\n/);
      expect(await client.ask('HELLO', '2', 'SETNAME', 'me')).toMatch(
        /^\*14\r\n\$6\r\nserver\r\n\$5\r\nredis/,
      );
      expect(await client.ask('CLIENT', 'GETNAME')).toBe('$2\r\nme');
      expect(await client.ask('CLIENT', 'INFO')).toMatch(
        /id=1 addr=127\.0\.0\.1:\d+ .*name=me age=\d+ .*db=0 .*cmd=client\|info .*resp=2/,
      );
      expect(await client.ask('CLIENT', 'SETINFO', 'LIB-NAME', 'x')).toBe('+OK');
      for (const attribute of ['LIB-NAME', 'lib-ver']) {
        expect(await client.ask('CLIENT', 'SETINFO', attribute, 'a b')).toBe(
          `-ERR ${attribute.toLowerCase()} cannot contain spaces, newlines or special characters.`,
        );
      }
      expect(await client.ask('CLIENT', 'SETNAME', 'a b')).toMatch(/^-ERR Client names cannot contain/);
      expect(await client.ask('HELLO', '3')).toBe('-NOPROTO unsupported protocol version');
      expect(await client.ask('TIME')).toMatch(/^\*2\r\n\$10\r\n\d{10}\r\n/);
      expect(await client.ask('CONFIG', 'GET', 'save')).toBe('*2\r\n$4\r\nsave\r\n$0\r\n');
    });

    it('is counted', async () => {
      const client = await proxy.client();
      await client.ask('SET', 'k', 'v');
      await client.ask('GET', 'k');
      await client.ask('GET', 'k');
      await client.ask('LPUSH', 'k', 'x');
      await client.ask('NOPE');
      await client.ask('PING');
      const stats = toStats(proxy.server.tally());
      expect(stats.operations).toBe(6n);
      expect(Object.fromEntries(stats.operationsByCommand)).toEqual({
        set: 1n,
        get: 2n,
        lpush: 1n,
        ping: 1n,
      });
      expect([stats.proxyErrors, stats.serverErrors, stats.inFlight]).toEqual([1n, 1n, 0]);
      expect(stats.latency.samples).toBe(4n);
      expect(stats.latency.p99Ms).toBeGreaterThanOrEqual(stats.latency.p50Ms);
      expect(stats.sessions).toEqual({ current: 1, total: 1n, refused: 0n });
    });
  });

  it('must authenticate when there is a password', async () => {
    await setUp({ password: 'secret' });
    const client = await proxy.client();
    for (const words of [
      ['GET', 'k'],
      ['PING'],
      ['SELECT', '1'],
      ['MGET', 'a', 'b'],
      ['INFO'],
      ['COMMAND'],
    ]) {
      expect(await client.ask(...words)).toBe('-NOAUTH Authentication required.');
    }
    expect(await client.ask('NOPE')).toMatch(/^-ERR unknown command 'NOPE'/);
    expect(await client.ask('GET')).toMatch(/^-ERR wrong number of arguments/);
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.';
    expect(await client.ask('AUTH', 'wrong')).toBe(wrong);
    expect(await client.ask('AUTH', 'nobody', 'secret')).toBe(wrong);
    expect(await client.ask('HELLO', '2')).toMatch(/^-NOAUTH HELLO must be called/);
    expect(await client.ask('HELLO', '2', 'AUTH', 'default', 'no')).toBe(wrong);
    expect(await client.ask('AUTH', 'secret')).toBe('+OK');
    expect(await client.ask('SET', 'k', 'v')).toBe('+OK');
    expect(await client.ask('AUTH', 'wrong')).toBe(wrong);
    expect(await client.ask('GET', 'k')).toBe('$1\r\nv');
    expect(await client.ask('RESET')).toBe('+RESET');
    expect(await client.ask('GET', 'k')).toBe('-NOAUTH Authentication required.');
    expect(await client.ask('HELLO', '2', 'AUTH', 'default', 'secret')).toMatch(/^\*14/);
    expect(await client.ask('GET', 'k')).toBe('$1\r\nv');

    const stranger = await proxy.client();
    const reply = stranger.read();
    stranger.send(command('GET', 'x'.repeat(20_000)));
    expect(String(await reply)).toBe('-ERR Protocol error: unauthenticated bulk length\r\n');
    await stranger.closed;
  });

  it('is refused when there are too many', async () => {
    await setUp({ limits: { maxClients: 2 } });
    const [first] = [await proxy.client(), await proxy.client()];
    await first.ask('PING');
    const third = await proxy.client();
    expect(String(await third.read())).toBe('-ERR max number of clients reached\r\n');
    await third.closed;
    expect(await first.ask('PING')).toBe('+PONG');
    expect(proxy.server.tally().sessionsRefused).toBe(1);
    first.close();
    await until(() => proxy.server.tally().sessions === 1);
    expect(await (await proxy.client()).ask('PING')).toBe('+PONG');
  });

  it('that does not read is not read, loses nothing, and holds up nobody', async () => {
    await setUp({ limits: { maxPipeline: 64, outputBufferBytes: 64 * 1024 } });
    const other = await proxy.client();
    const value = 'x'.repeat(100_000);
    await other.ask('SET', 'big', value);
    const slow = await proxy.client();
    slow.socket.pause();
    const requests = 2000;
    slow.send(Buffer.concat(Array.from({ length: requests }, () => command('GET', 'big'))));
    let before = -1n;
    // It stops when the client's and the proxy's buffers are full.
    await until(async () => {
      const { operations } = toStats(proxy.server.tally());
      const settled = operations === before;
      before = operations;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return settled;
    });
    expect(before).toBeLessThan(BigInt(requests / 2));
    expect(await other.ask('SET', 'k', 'v')).toBe('+OK');
    const replies = slow.readMany(requests);
    slow.socket.resume();
    const wanted = `$100000\r\n${value}\r\n`;
    expect((await replies).every((reply) => reply.toString('latin1') === wanted)).toBe(true);
  });

  it('that will not read more than it may keep waiting is disconnected', async () => {
    await setUp({ limits: { maxOutputBufferBytes: 10_000_000 } });
    const other = await proxy.client();
    await other.askBytes('SET', 'big', Buffer.alloc(5_000_000));
    const slow = await proxy.client();
    slow.socket.pause();
    slow.send(Buffer.concat(Array.from({ length: 50 }, () => command('GET', 'big'))));
    await until(() => proxy.server.tally().sessions === 1);
    expect(await other.ask('PING')).toBe('+PONG');
  });

  it('waits when a server does not take its requests, and others do not', async () => {
    await setUp({ limits: { backendBufferBytes: 256 * 1024, requestTimeoutMs: 60_000 } });
    const [atA] = keysWhere(1, (slot) => slot % 2 === 0);
    const [atB] = keysWhere(1, (slot) => slot % 2 === 1);
    const [stuck, free] = await Promise.all([proxy.client(), proxy.client()]);
    await stuck.ask('SET', atA!, '');
    a.freeze();
    const piece = Buffer.alloc(100_000, 'x');
    const pieces = 400;
    const replies = stuck.readMany(pieces);
    stuck.send(Buffer.concat(Array.from({ length: pieces }, () => command('APPEND', atA!, piece))));
    await until(() => proxy.server.tally().inFlight > 0);
    for (let i = 0; i < 100; i++) expect(await free.ask('INCR', atB!)).toBe(`:${i + 1}`);
    expect(proxy.server.tally().inFlight).toBeLessThan(pieces / 2);
    a.thaw();
    const lengths = (await replies).map((reply) => Number(reply.toString().slice(1)));
    expect(lengths).toEqual(Array.from({ length: pieces }, (_, i) => (i + 1) * piece.length));
  });

  it('gets the answers in flight when the proxy stops', async () => {
    await setUp({ limits: { stopTimeoutMs: 30_000 } });
    const [client, idle] = await Promise.all([proxy.client(), proxy.client()]);
    await client.ask('SET', 'k', '1');
    await client.ask('SET', 'other', '1');
    a.freeze();
    const replies = client.readMany(2);
    client.send(Buffer.concat([command('INCR', 'k'), command('INCR', 'other')]));
    await until(() => proxy.server.tally().inFlight > 0);
    const { port } = proxy;
    const stopped = proxy.stop();
    await expect(RespClient.connect(port)).rejects.toThrow();
    a.thaw();
    expect((await replies).map(String)).toEqual([':2\r\n', ':2\r\n']);
    await Promise.all([stopped, client.closed, idle.closed]);
  });
});
