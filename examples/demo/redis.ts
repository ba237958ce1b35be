import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { mustFind } from './needs.js';
import type { Program } from './programs.js';

/**
 * An ordinary server that keeps nothing on disk.
 *
 * @param master port of the one that it replicates, also when it is started again; undefined: it is one
 */
export function redisServer(name: string, port: number, folder: string, master?: number): Program {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory];
  const follows = master === undefined ? [] : ['--replicaof', '127.0.0.1', String(master)];
  return {
    name,
    command: mustFind('redis-server'),
    args: [...args, '--save', '', '--repl-diskless-load', 'swapdb', ...follows],
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
