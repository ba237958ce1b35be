import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProxy } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { COMMANDS } from '../../../src/redis/proxy/commands/table.js';

/**
 * Requests by family, asked in this order of a server and of a proxy over two others. Words are separated by
 * blanks; `\xHH` is a byte. Keys of one request share a tag unless the command is split.
 */
const FAMILIES: Record<string, string[]> = {
  strings: [
    ...[
      'SET s hello',
      'GET s',
      'GET missing',
      'APPEND s \\x00\\xff\\r\\n',
      'GET s',
      'STRLEN s',
      'GETRANGE s 1 3',
    ],
    ...['SUBSTR s 0 1', 'SETRANGE s 2 XY', 'GETSET s new', 'GETDEL s', 'GET s', 'SETNX n 1', 'SETNX n 2'],
    ...['INCR n', 'DECR n', 'INCRBY n 10', 'DECRBY n 3', 'INCRBYFLOAT n 1.5', 'INCR s2', 'SETEX e 100 v'],
    ...['PSETEX e 100000 v', 'GETEX e PERSIST', 'TTL e', 'SET s a XX', 'SET n b NX GET', 'LCS {l}a {l}b'],
    ...[
      'SET {l}a ohmytext',
      'SET {l}b mynewtext',
      'LCS {l}a {l}b',
      'LCS {l}a {l}b IDX',
      'SET n x EX abc',
      'INCR n x',
    ],
  ],
  bits: [
    ...[
      'SETBIT b 7 1',
      'GETBIT b 7',
      'BITCOUNT b',
      'BITCOUNT b 0 0 BIT',
      'BITPOS b 1',
      'SET {b}1 abc',
      'SET {b}2 abd',
    ],
    ...[
      'BITOP XOR {b}3 {b}1 {b}2',
      'GET {b}3',
      'BITFIELD b INCRBY u8 0 5 GET u4 0',
      'BITFIELD_RO b GET u8 0',
    ],
  ],
  keys: [
    ...[
      'SET k v',
      'TYPE k',
      'EXISTS k',
      'EXPIRE k 1000',
      'PERSIST k',
      'TTL k',
      'PTTL k',
      'EXPIREAT k 4000000000',
    ],
    ...['EXPIRETIME k', 'PEXPIRETIME k', 'PEXPIREAT k 4000000000000', 'PEXPIRE k 1000000000', 'PERSIST k'],
    ...[
      'OBJECT ENCODING k',
      'OBJECT REFCOUNT k',
      'OBJECT IDLETIME missing',
      'OBJECT FREQ missing',
      'MEMORY USAGE missing',
    ],
    ...[
      'SET {k}1 v1',
      'RENAME {k}1 {k}2',
      'RENAMENX {k}2 {k}3',
      'RENAME {k}1 {k}2',
      'COPY {k}3 {k}4',
      'GET {k}4',
    ],
    ...[
      'DUMP k',
      'DUMP missing',
      'TOUCH k {k}3 missing',
      'UNLINK k {k}3',
      'DEL {k}4 missing',
      'TYPE missing',
    ],
  ],
  lists: [
    ...[
      'RPUSH l a b c',
      'LPUSH l z',
      'LRANGE l 0 -1',
      'LLEN l',
      'LINDEX l 1',
      'LSET l 1 q',
      'LINSERT l BEFORE q p',
    ],
    ...[
      'LREM l 1 q',
      'LTRIM l 0 2',
      'LPOP l',
      'RPOP l 2',
      'LPUSHX l x',
      'RPUSHX l x',
      'LPOS l x',
      'RPUSH {q}1 1 2 3',
    ],
    ...[
      'LMOVE {q}1 {q}2 LEFT RIGHT',
      'RPOPLPUSH {q}1 {q}2',
      'LMPOP 2 {q}1 {q}2 LEFT COUNT 5',
      'SORT {q}2 DESC',
    ],
    ...['SORT {q}2 BY nosort GET # STORE {q}3', 'SORT_RO {q}3', 'LRANGE l 0', 'GET {q}2', 'LSET missing 0 v'],
  ],
  hashes: [
    ...[
      'HSET h f1 v1 f2 v2',
      'HGET h f1',
      'HMGET h f1 nope f2',
      'HGETALL h',
      'HDEL h f1',
      'HEXISTS h f2',
      'HINCRBY h n 5',
    ],
    ...['HINCRBYFLOAT h n 0.5', 'HKEYS h', 'HVALS h', 'HLEN h', 'HMSET h a b', 'HSETNX h a c', 'HSTRLEN h a'],
    ...['HSCAN h 0 COUNT 100', 'HRANDFIELD one', 'HSET h odd'],
  ],
  sets: [
    ...[
      'SADD {s}1 1 2 3',
      'SADD {s}2 2 3 4',
      'SCARD {s}1',
      'SISMEMBER {s}1 2',
      'SMISMEMBER {s}1 1 9',
      'SINTER {s}1 {s}2',
    ],
    ...['SUNION {s}1 {s}2', 'SDIFF {s}1 {s}2', 'SINTERSTORE {s}3 {s}1 {s}2', 'SUNIONSTORE {s}3 {s}1 {s}2'],
    ...[
      'SDIFFSTORE {s}3 {s}1 {s}2',
      'SINTERCARD 2 {s}1 {s}2 LIMIT 1',
      'SMOVE {s}1 {s}2 1',
      'SMEMBERS {s}2',
      'SREM {s}2 4',
    ],
    ...['SSCAN {s}2 0', 'SPOP {s}3', 'SRANDMEMBER {s}3', 'SINTERCARD 0 {s}1', 'SINTERCARD x {s}1'],
  ],
  'sorted sets': [
    ...[
      'ZADD {z}1 1 a 2 b 3 c',
      'ZADD {z}2 5 b 6 d',
      'ZSCORE {z}1 b',
      'ZMSCORE {z}1 a x',
      'ZRANK {z}1 c',
      'ZREVRANK {z}1 c',
    ],
    ...[
      'ZCARD {z}1',
      'ZCOUNT {z}1 1 2',
      'ZINCRBY {z}1 4 a',
      'ZRANGE {z}1 0 -1 WITHSCORES',
      'ZREVRANGE {z}1 0 0',
    ],
    ...[
      'ZRANGEBYSCORE {z}1 -inf +inf LIMIT 0 2',
      'ZREVRANGEBYSCORE {z}1 9 0',
      'ZRANGEBYLEX {z}1 - +',
      'ZREVRANGEBYLEX {z}1 + -',
    ],
    ...['ZLEXCOUNT {z}1 - +', 'ZUNION 2 {z}1 {z}2 WITHSCORES', 'ZINTER 2 {z}1 {z}2', 'ZDIFF 2 {z}1 {z}2'],
    ...[
      'ZUNIONSTORE {z}3 2 {z}1 {z}2 WEIGHTS 2 3',
      'ZINTERSTORE {z}4 2 {z}1 {z}2',
      'ZDIFFSTORE {z}5 2 {z}1 {z}2',
    ],
    ...[
      'ZINTERCARD 2 {z}1 {z}2',
      'ZRANGESTORE {z}6 {z}3 0 1',
      'ZPOPMIN {z}3',
      'ZPOPMAX {z}3 2',
      'ZMPOP 1 {z}5 MAX',
    ],
    ...[
      'ZSCAN {z}1 0',
      'ZREM {z}1 a',
      'ZREMRANGEBYRANK {z}1 0 0',
      'ZREMRANGEBYSCORE {z}2 5 5',
      'ZREMRANGEBYLEX {z}2 - +',
    ],
    ...['ZRANDMEMBER missing', 'ZUNION 0 {z}1', 'ZADD {z}1 x y'],
  ],
  geo: [
    ...[
      'GEOADD {g} 13.36 38.11 Palermo 15.08 37.50 Catania',
      'GEODIST {g} Palermo Catania km',
      'GEOHASH {g} Palermo',
    ],
    ...['GEOPOS {g} Catania nope', 'GEORADIUS {g} 15 37 200 km WITHDIST', 'GEORADIUS_RO {g} 15 37 100 km'],
    ...[
      'GEORADIUS {g} 15 37 200 km STORE {g}2',
      'GEORADIUSBYMEMBER {g} Palermo 200 km STOREDIST {g}3',
      'ZCARD {g}3',
    ],
    ...['GEORADIUSBYMEMBER_RO {g} Palermo 10 km', 'GEOSEARCH {g} FROMLONLAT 15 37 BYBOX 400 400 km ASC'],
    ...['GEOSEARCHSTORE {g}4 {g} FROMMEMBER Palermo BYRADIUS 200 km', 'ZCARD {g}4'],
  ],
  streams: [
    ...[
      'XADD {x} 1-1 f v',
      'XADD {x} 1-2 f w',
      'XLEN {x}',
      'XRANGE {x} - +',
      'XREVRANGE {x} + - COUNT 1',
      'XADD {x} 1-1 a b',
    ],
    ...[
      'XREAD COUNT 5 STREAMS {x} {x}2 0 0',
      'XGROUP CREATE {x} g 0',
      'XREADGROUP GROUP g c COUNT 1 STREAMS {x} >',
    ],
    ...[
      'XACK {x} g 1-1',
      'XPENDING {x} g',
      'XCLAIM {x} g c 0 1-2',
      'XAUTOCLAIM {x} g c 100000 0',
      'XINFO GROUPS missing',
      'XGROUP FOO {x}',
      'XINFO FOO {x}',
      'OBJECT FOO {x}',
      'MEMORY FOO {x}',
      'SINTERCARD 2 {x}',
      'ZINTERCARD 0 {x}',
    ],
    ...[
      'XGROUP CREATECONSUMER {x} g d',
      'XGROUP DELCONSUMER {x} g d',
      'XGROUP SETID {x} g 0',
      'XSETID {x} 5-1',
      'XDEL {x} 1-1',
    ],
    ...['XTRIM {x} MAXLEN 0', 'XGROUP DESTROY {x} g', 'XINFO STREAM {x}', 'XREAD STREAMS {x} a 0'],
  ],
  hyperloglog: [
    'PFADD {p}1 a b c',
    'PFADD {p}2 c d',
    'PFCOUNT {p}1 {p}2',
    'PFMERGE {p}3 {p}1 {p}2',
    'PFCOUNT {p}3',
  ],
  scripts: [
    ...[
      'EVAL return{KEYS[1],ARGV[1],7} 1 {e} x',
      "EVAL return(redis.call('set',KEYS[1],ARGV[1])) 1 {e} y",
      'GET {e}',
    ],
    ...[
      'EVAL_RO return(redis.call("get",KEYS[1])) 1 {e}',
      'EVALSHA 0000000000000000000000000000000000000000 1 {e}',
    ],
    ...[
      'EVALSHA_RO 0000000000000000000000000000000000000000 1 {e}',
      'FCALL nope 1 {e}',
      'FCALL_RO nope 1 {e}',
      'EVAL x -1 {e}',
      'EVAL x 3 {e}',
    ],
  ],
  split: [
    ...[
      'MSET m1 a m2 b m3 c m4 \\x00\\r\\n m1 again',
      'MGET m1 m2 m3 m4 m5 m1',
      'EXISTS m1 m2 m3 m1 nope',
      'TOUCH m1 m2 nope',
    ],
    ...[
      'DEL m1 m2 nope',
      'UNLINK m3 nope m4',
      'MGET m1 m2 m3 m4',
      'MSET odd',
      'MSET a 1 b',
      'MGET',
      'SADD {t}m1 x',
      'MGET {t}m1 m2',
    ],
    ...['MSETNX {m}1 a {m}2 b', 'MSETNX {m}2 x {m}3 y', 'MGET {m}1 {m}2 {m}3'],
  ],
  connection: [
    ...[
      'PING',
      'PING hello',
      'PING a b',
      'ECHO hi',
      'ECHO',
      'SELECT 3',
      'SET only3 x',
      'SELECT 0',
      'GET only3',
      'SELECT 16',
    ],
    ...[
      'SELECT -1',
      'SELECT abc',
      'CLIENT SETNAME me',
      'CLIENT GETNAME',
      'CLIENT SETNAME a\\x20b',
      'CLIENT NOPE',
      'CLIENT ID x',
    ],
    ...[
      'AUTH x',
      'AUTH default x',
      'AUTH nobody x',
      'AUTH a b c',
      'HELLO 4',
      'HELLO x',
      'HELLO 2 NOPE',
      'RESET',
      'CLIENT GETNAME',
    ],
    ...['NOPE', 'nope a b c', 'get', 'GET a b', 'COMMAND NOPE', 'QUIT'],
  ],
};

/** Forwarded or split, but with a reply that differs from server to server. */
const NOT_COMPARED = new Set(['object', 'memory', 'restore', 'wait']);

describe('a proxy over two servers answers as one server does', () => {
  let servers: RedisServer[];
  let proxy: TestProxy;

  beforeAll(async () => {
    servers = await Promise.all([RedisServer.start(), RedisServer.start(), RedisServer.start()]);
    proxy = await TestProxy.start();
    proxy.spread(servers.slice(1));
  });

  afterAll(async () => {
    await proxy.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it.each(Object.keys(FAMILIES))('%s', async (family) => {
    const direct = await servers[0]!.client();
    const proxied = await proxy.client();
    for (const line of FAMILIES[family]!) {
      const words = line.split(' ').map(unescape);
      const expected = await direct.askBytes(...words);
      const actual = await proxied.askBytes(...words);
      expect(`${line} => ${actual.toString('latin1')}`).toBe(`${line} => ${expected.toString('latin1')}`);
    }
    direct.close();
    proxied.close();
  });

  it('byte by byte, restored values included', async () => {
    const direct = await servers[0]!.client();
    const proxied = await proxy.client();
    await direct.ask('SET', 'dumped', 'value');
    const dump = (await direct.askBytes('DUMP', 'dumped')).subarray('$17\r\n'.length, -2);
    for (const client of [direct, proxied]) {
      expect(await client.ask('RESTORE', 'restored', '0', dump)).toBe('+OK');
      expect(await client.ask('GET', 'restored')).toBe('$5\r\nvalue');
      expect(await client.ask('RESTORE', 'restored', '0', dump)).toMatch(/^-BUSYKEY/);
    }
    direct.close();
    proxied.close();
  });

  it('and no command that goes to servers is left out here', () => {
    const used = new Set(
      Object.values(FAMILIES).flatMap((lines) => lines.map((line) => line.split(' ')[0]!.toLowerCase())),
    );
    const missing = COMMANDS.filter(({ name, disposition }) => {
      const newer = /^(hp?expire|hp?ttl|hpersist|hgetdel|hgetex|hsetex|hexpire|hpexpire|xackdel|xdelex)/.test(
        name,
      );
      return (
        (disposition === 'forward' || disposition === 'split') &&
        !newer &&
        !used.has(name) &&
        !NOT_COMPARED.has(name)
      );
    });
    expect(missing.map((command) => command.name)).toEqual([]);
  });
});

function unescape(word: string): Buffer {
  const text = word
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\r', '\r')
    .replaceAll('\\n', '\n');
  return Buffer.from(text, 'latin1');
}
