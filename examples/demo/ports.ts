import { createServer } from 'node:net';

/** Below those that the kernel gives to outgoing connections. */
const [FIRST, LAST] = [10_000, 31_000];

/** Hands out loopback ports that nobody listens on, none twice. */
export class Ports {
  private next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

  async free(): Promise<number> {
    for (let attempt = FIRST; attempt < LAST; attempt++) {
      const port = this.next;
      this.next = port + 1 < LAST ? port + 1 : FIRST;
      if (await isFree(port)) return port;
    }
    throw new Error('No port is free.');
  }
}

/** That one, or the next that is free. */
export async function freeFrom(port: number): Promise<number> {
  for (let at = port; at < port + 100; at++) if (await isFree(at)) return at;
  throw new Error(`None of the ports from ${port} to ${port + 99} is free; choose another with --port.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
