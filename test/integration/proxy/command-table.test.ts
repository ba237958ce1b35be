import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyFinder } from '../../../src/redis/proxy/commands/find-keys.js';
import { NEWER_COMMANDS } from '../../../src/redis/proxy/commands/server-commands.js';
import { COMMANDS, commandIndex, lookupCommand } from '../../../src/redis/proxy/commands/table.js';
import { RequestParser } from '../../../src/redis/proxy/resp/request-parser.js';
import { DEFAULT_LIMITS } from '../../../src/redis/proxy/options.js';
import { Redis } from 'ioredis';
import { command } from '../../harness/servers/redis-client.js';
import { RedisServer } from '../../harness/servers/redis.js';

type Described = [string, number, string[], number, number, number];

/** Later than the server at hand. */
const LATER = new Set([...NEWER_COMMANDS.map((each) => each.name), 'waitaof']);

describe('the command table', () => {
  let server: RedisServer;
  let redis: Redis;
  let described: Map<string, Described>;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.port, '127.0.0.1');
    const all = (await redis.call('COMMAND')) as Described[];
    described = new Map(all.map((each) => [each[0], each]));
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('has every command of the server and no other', () => {
    const names = COMMANDS.map((each) => each.name).filter((name) => !LATER.has(name));
    expect(names.sort()).toEqual([...described.keys()].sort());
  });

  it('has each name once, and finds it in any case', () => {
    for (const [index, { name }] of COMMANDS.entries()) {
      for (const spelling of [name, name.toUpperCase(), name[0]!.toUpperCase() + name.slice(1)]) {
        const bytes = Buffer.from(`*${spelling}*`);
        expect(lookupCommand(bytes, 1, bytes.length - 1)).toBe(index);
      }
    }
    for (const name of ['', 'ge', 'gett', 'get\0', 'sort\x7fro', 'x'.repeat(1000)]) {
      expect(commandIndex(name)).toBe(-1);
    }
  });

  it("has the server's arity, key positions, and access", () => {
    for (const { name, arity, keys, access, disposition } of COMMANDS) {
      const real = described.get(name);
      if (real === undefined) continue;
      const [, realArity, flags, first, last, step] = real;
      expect({ name, arity, first: keys.first, last: keys.last, step: keys.step }).toEqual({
        name,
        arity: realArity,
        first,
        last,
        step,
      });
      if (disposition === 'local') continue;
      expect(`${name} ${access === 'write'}`).toBe(`${name} ${flags.includes('write')}`);
      expect(`${name} ${access.startsWith('read')}`).toBe(`${name} ${flags.includes('readonly')}`);
    }
  });

  it('never sends on what blocks, subscribes, or administers a server', () => {
    for (const { name, disposition } of COMMANDS) {
      const flags = described.get(name)?.[2] ?? [];
      const dangerous = ['pubsub', 'admin'].some((flag) => flags.includes(flag));
      if (dangerous) expect(`${name} ${disposition}`).toBe(`${name} refuse`);
      // XREAD and XREADGROUP block only with an option, which the key finder refuses.
      if (flags.includes('blocking') && !name.startsWith('xread')) {
        expect(`${name} ${disposition}`).toBe(`${name} refuse`);
      }
    }
  });

  const requests = [
    'GET k',
    'SET k v EX 10',
    'MGET a b c',
    'MSET a 1 b 2',
    'MSETNX a 1 b 2',
    'DEL a b',
    'BITOP AND dst a b',
    'BITOP NOT dst a',
    'COPY a b',
    'COPY a b REPLACE',
    'RENAME a b',
    'SMOVE a b m',
    'LMOVE a b LEFT RIGHT',
    'RPOPLPUSH a b',
    'LCS a b LEN',
    'PFMERGE dst a b',
    'PFCOUNT a b',
    'SDIFFSTORE dst a b',
    'SUNION a b c',
    'EVAL return 2 a b x y',
    'EVALSHA sha 1 a x',
    'EVAL_RO return 1 a',
    'FCALL f 2 a b',
    'ZUNIONSTORE dst 2 a b WEIGHTS 1 2',
    'ZINTERSTORE dst 1 a AGGREGATE MAX',
    'ZDIFFSTORE dst 2 a b',
    'ZUNION 2 a b WITHSCORES',
    'ZINTERCARD 2 a b LIMIT 1',
    'SINTERCARD 2 a b',
    'LMPOP 2 a b LEFT',
    'ZMPOP 1 a MIN COUNT 2',
    'SORT a',
    'SORT a LIMIT 0 5 ALPHA STORE dst',
    'SORT a STORE one STORE two',
    'SORT a BY nosort GET #',
    'SORT_RO a DESC',
    'GEORADIUS k 1 2 3 m',
    'GEORADIUS k 1 2 3 m COUNT 2 STORE dst',
    'GEORADIUSBYMEMBER k m 3 km STOREDIST dst',
    'GEOSEARCHSTORE dst src FROMMEMBER m BYRADIUS 1 m',
    'XREAD COUNT 2 STREAMS a b 0 0',
    'XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a b > >',
    'OBJECT ENCODING k',
    'XGROUP CREATE k g $ MKSTREAM',
    'XINFO STREAM k FULL',
    'MEMORY USAGE k SAMPLES 5',
    'ZRANGESTORE dst src 0 -1',
    'XADD k * f v',
    'GETEX k PERSIST',
  ];

  it.each(requests)('finds the same keys as the server in: %s', async (line) => {
    const words = line.split(' ');
    const bytes = command(...words);
    const parser = new RequestParser(DEFAULT_LIMITS);
    parser.parse(bytes, 0, bytes.length);
    const finder = new KeyFinder();
    const found = finder.find(COMMANDS[commandIndex(words[0]!.toLowerCase())]!, bytes, 0, parser);
    const keys = [...finder.positions.subarray(0, Math.max(found, 0))].map((position) => words[position]);
    const real = (await redis.call('COMMAND', ['GETKEYS', ...words])) as string[];
    expect(keys.sort()).toEqual(real.sort());
  });
});
