import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { atExit } from '../../support/at-exit.js';

const ENTRY = new URL('./store-process.ts', import.meta.url).pathname;

/** The process of a binlog store, as the benchmark sees it. */
export class StoreProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(execArgv: readonly string[] = []): Promise<StoreProcess> {
    const child = fork(ENTRY, [], { execArgv: ['--import', 'tsx', ...execArgv] });
    atExit(() => child.kill('SIGKILL'));
    const { port } = (await answer(child)) as { port: number };
    return new StoreProcess(child, port);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Follows a source; resolves when it has all of the set. */
  async ingest(port: number, set: string, semiSync = false): Promise<{ seconds: number; bytes: number }> {
    this.child.send({ follow: { port }, reach: set, semiSync });
    return (await answer(this.child)) as { seconds: number; bytes: number };
  }

  /** The largest resident memory so far, in MiB. */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    await gone;
  }
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The store ended with ${code}.`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.removeListener('exit', onExit);
      resolve(message);
    });
  });
}
