import { createClient, createClientPool } from '@redis/client';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProcess } from '../../harness/servers/process.js';
import { TestProxy } from '../../harness/servers/redis-proxy.js';
import { RedisServer } from '../../harness/servers/redis.js';

describe('tools and clients of Redis', () => {
  let servers: RedisServer[];
  let proxy: TestProxy;

  beforeAll(async () => {
    servers = await Promise.all([
      RedisServer.start({ password: 'behind' }),
      RedisServer.start({ password: 'behind' }),
    ]);
    proxy = await TestProxy.start({ password: 'front' });
    proxy.spread(servers);
  });

  afterAll(async () => {
    await proxy.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function run(command: string, ...args: string[]): Promise<string> {
    const child = new TestProcess({
      command,
      args: ['-h', '127.0.0.1', '-p', String(proxy.port), '-a', 'front', ...args],
    });
    expect(await child.exited).toBe(0);
    return child.output;
  }

  it('ioredis works, pipelines and databases included', async () => {
    const redis = new Redis({
      port: proxy.port,
      host: '127.0.0.1',
      password: 'front',
      db: 2,
      connectionName: 'app',
    });
    try {
      expect(await redis.set('k', 'v', 'EX', 100)).toBe('OK');
      expect(await redis.get('k')).toBe('v');
      const pipeline = redis.pipeline();
      for (let i = 0; i < 1000; i++) pipeline.hset(`h${i % 50}`, `f${i}`, i).hlen(`h${i % 50}`);
      const results = await pipeline.exec();
      expect(results?.every(([error]) => error === null)).toBe(true);
      expect(await redis.mget('k', 'nothing', 'k')).toEqual(['v', null, 'v']);
      expect(await redis.client('GETNAME')).toBe('app');
      await expect(redis.multi().get('k').exec()).rejects.toThrow();
      expect(await redis.get('k')).toBe('v');
    } finally {
      redis.disconnect();
    }
  });

  it('ioredis with autopipelining works', async () => {
    const redis = new Redis({ port: proxy.port, password: 'front', enableAutoPipelining: true });
    try {
      const keys = Array.from({ length: 500 }, (_, i) => `auto:${i}`);
      expect(new Set(await Promise.all(keys.map((key, i) => redis.set(key, i))))).toEqual(new Set(['OK']));
      expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys.map((_, i) => String(i)));
    } finally {
      redis.disconnect();
    }
  });

  it('node-redis works, its automatic pipelines and connection pool included', async () => {
    const url = `redis://:front@127.0.0.1:${proxy.port}/3`;
    const client = await createClient({ url, name: 'app', RESP: 2 }).connect();
    const pool = createClientPool({ url, RESP: 2 }, { minimum: 2, maximum: 4 });
    await pool.connect();
    try {
      const keys = Array.from({ length: 500 }, (_, i) => `node:${i}`);
      await Promise.all(
        keys.map((key, i) => client.set(key, String(i), { expiration: { type: 'EX', value: 100 } })),
      );
      expect(await Promise.all(keys.map((key) => pool.get(key)))).toEqual(keys.map((_, i) => String(i)));
      expect(await client.mGet(['node:1', 'nothing', 'node:2'])).toEqual(['1', null, '2']);
      await client.hSet('node:hash', { a: '1', b: '2' });
      expect({ ...(await client.hGetAll('node:hash')) }).toEqual({ a: '1', b: '2' });
      await client.zAdd('node:zset', [
        { score: 1.5, value: 'x' },
        { score: 2, value: 'y' },
      ]);
      expect(await client.zRangeWithScores('node:zset', 0, -1)).toEqual([
        { score: 1.5, value: 'x' },
        { score: 2, value: 'y' },
      ]);
      expect(await client.clientGetName()).toBe('app');
      await expect(client.multi().get('node:1').exec()).rejects.toThrow();
      expect(await client.get('node:1')).toBe('1');
    } finally {
      client.destroy();
      pool.destroy();
    }
  });

  it('redis-cli works', async () => {
    const output = await run('redis-cli', '--no-auth-warning', '-n', '1', 'SET', 'cli', 'value');
    expect(output).toBe('OK');
    expect(await run('redis-cli', '--no-auth-warning', '-n', '1', 'GET', 'cli')).toBe('value');
    expect(await run('redis-cli', '--no-auth-warning', '-r', '3', 'PING')).toBe('PONG\nPONG\nPONG');
  });

  it('redis-benchmark works', async () => {
    const output = await run('redis-benchmark', ...['-q', '-n', '10000', '-P', '16', '-r', '1000']);
    const tests = [
      'PING_INLINE',
      'PING_MBULK',
      'SET',
      'GET',
      'INCR',
      'LPUSH',
      'RPUSH',
      'LPOP',
      'RPOP',
      'SADD',
    ];
    tests.push('HSET', 'SPOP', 'ZADD', 'ZPOPMIN', 'LRANGE_100', 'LRANGE_600', 'MSET (10 keys)');
    for (const test of tests) expect(output).toContain(test);
    expect(output).not.toContain('Error');
  });
});
