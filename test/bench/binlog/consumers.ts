import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const ENTRY = new URL('./consumer-process.ts', import.meta.url).pathname;

export interface Counted {
  readonly seconds: number;
  readonly events: number;
}

/** Clients that count what they are sent, each in a process of its own. */
export class Consumers {
  private constructor(private readonly children: readonly ChildProcess[]) {}

  /** @param bytes of the journal: a client that has so many has everything */
  static async start(count: number, port: number, bytes: number): Promise<Consumers> {
    const children = Array.from({ length: count }, () => {
      const child = fork(ENTRY, [String(port), String(bytes)], { execArgv: ['--import', 'tsx'] });
      child.once('exit', (code) => child.emit('error', new Error(`A client ended with ${code}.`)));
      return child;
    });
    await Promise.all(children.map((child) => once(child, 'message')));
    return new Consumers(children);
  }

  /** The first so many of them count everything, at the same time. */
  async count(clients: number): Promise<Counted[]> {
    return Promise.all(
      this.children.slice(0, clients).map(async (child) => {
        child.send('go');
        const [counted] = (await once(child, 'message')) as [Counted];
        await once(child, 'message');
        return counted;
      }),
    );
  }

  stop(): void {
    for (const child of this.children) {
      child.removeAllListeners('exit');
      child.kill();
    }
  }
}
