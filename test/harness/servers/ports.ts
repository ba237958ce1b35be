import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { atExit } from './at-exit.js';

/** Below the kernel's ephemeral range, so that no outgoing connection takes a port that was handed out. */
const FIRST_PORT = 10_000;
const LAST_PORT = 31_999;

/** One for the machine, wherever a run has its temporary files; each user has one, as nobody can write to another's. */
const claims = `/tmp/quorate-test-ports-${process.getuid?.() ?? 'user'}`;
const claimed = new Set<number>();
let next = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));

atExit(() => {
  for (const port of claimed) rmSync(join(claims, String(port)), { force: true });
  try {
    rmdirSync(claims);
  } catch {
    // Other processes have claims in it, or it is not there.
  }
});

/**
 * A loopback port that nobody listens on and that no other test process is given: each port is claimed by a
 * file that names its owner, until that process ends.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt <= LAST_PORT - FIRST_PORT; attempt += 1) {
    const port = next;
    next = next === LAST_PORT ? FIRST_PORT : next + 1;
    if (claim(port)) {
      claimed.add(port);
      if (await isFree(port)) return port;
    }
  }
  throw new Error('No free port is left.');
}

function claim(port: number): boolean {
  const file = join(claims, String(port));
  try {
    mkdirSync(claims, { recursive: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (ownerIsAlive(file)) return false;
    rmSync(file, { force: true });
    return false;
  }
}

function ownerIsAlive(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether nobody listens there on 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
