import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { mustFind } from './needs.js';
import type { Program } from './programs.js';

/** An ordinary server that keeps nothing on disk. */
export function redisServer(name: string, port: number, folder: string): Program {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory];
  return {
    name,
    command: mustFind('redis-server'),
    args: [...args, '--save', '', '--repl-diskless-load', 'swapdb'],
  };
}

export async function answersPing(port: number): Promise<boolean> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
