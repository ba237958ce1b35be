import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProcess } from '../../support/process.js';
import { TestProxy } from '../../support/redis-proxy.js';
import { RedisServer } from '../../support/redis.js';

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

  it('redis-cli works', async () => {
    const output = await run('redis-cli', '--no-auth-warning', '-n', '1', 'SET', 'cli', 'value');
    expect(output).toBe('OK');
    expect(await run('redis-cli', '--no-auth-warning', '-n', '1', 'GET', 'cli')).toBe('value');
    expect(await run('redis-cli', '--no-auth-warning', '-r', '3', 'PING')).toBe('PONG\nPONG\nPONG');
  });

  it('redis-benchmark works', async () => {
    const output = await run(
      'redis-benchmark',
      ...['-q', '-n', '20000', '-P', '16', '-r', '1000', '-t', 'ping,set,get,incr,lpush,mset'],
    );
    for (const test of ['PING_INLINE', 'PING_MBULK', 'SET', 'GET', 'INCR', 'LPUSH', 'MSET (10 keys)']) {
      expect(output).toContain(`${test}: `);
    }
    expect(output).not.toContain('Error');
  });
});
