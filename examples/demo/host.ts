import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../test/harness/servers/host.js';
import { TestProcess, type ProcessOptions } from '../../test/harness/servers/process.js';
import { pause } from './wait.js';

const LAST_LINES = 8;
/** A server that was just killed may write once more while its folder is removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };

/** The demo's servers: all in one folder, each with a log of its own; processes and folder go with the demo. */
export class DemoHost implements Host {
  readonly folder = mkdtempSync(join(tmpdir(), 'quorate-demo-'));
  readonly logs = join(this.folder, 'logs');
  private readonly running = new Set<TestProcess>();
  /** Members and proxies: they have something to hand over. */
  private readonly quorate = new Set<TestProcess>();
  private isStopping = false;

  /** @param onLost called when a server has ended that nobody has ended */
  constructor(private readonly onLost: (message: string) => void) {
    mkdirSync(this.logs);
  }

  directory(purpose: string): string {
    return mkdtempSync(join(this.folder, `${purpose}-`));
  }

  removeDirectory(directory: string): void {
    rmSync(directory, REMOVAL);
  }

  cache(name: string): string {
    const directory = join(this.folder, name);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  launch(name: string, options: ProcessOptions): TestProcess {
    if (this.isStopping) throw new Error('The demo is stopping.');
    const file = join(this.logs, `${name}.log`);
    const log = openSync(file, 'a', 0o600);
    const launched = new TestProcess({
      ...options,
      onLine: (line) => {
        writeSync(log, `${line}\n`);
        options.onLine?.(line);
      },
    });
    this.running.add(launched);
    if (options.command === process.execPath) this.quorate.add(launched);
    void launched.exited.then(() => {
      closeSync(log);
      this.running.delete(launched);
      this.quorate.delete(launched);
      const isWanted = launched.isEndWanted || options.endsByItself === true;
      if (!isWanted && !this.isStopping) this.onLost(lastWords(name, file));
    });
    return launched;
  }

  /**
   * Starts nothing any more, asks members and proxies to stop, and kills what is left. Resolves when all is gone, also
   * what these processes have started: it holds their output open.
   */
  async stop(patienceMs: number): Promise<void> {
    this.isStopping = true;
    const ends = [...this.running].map(({ exited }) => exited);
    const asked = [...this.quorate];
    for (const each of asked) each.signal('SIGTERM');
    const patience = new AbortController();
    await Promise.race([
      Promise.all(asked.map(({ exited }) => exited)),
      pause(patienceMs, patience.signal).catch(() => undefined),
    ]);
    patience.abort();
    this.killAll();
    await Promise.all(ends);
  }

  /** At once, and without waiting: when the demo itself ends. */
  killAll(): void {
    this.isStopping = true;
    for (const each of this.running) each.signal('SIGKILL');
  }

  /** Once nothing runs any more. */
  remove(): void {
    rmSync(this.folder, REMOVAL);
  }
}

function lastWords(name: string, log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-LAST_LINES);
  return `${name} has ended by itself. The last that it said:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}
