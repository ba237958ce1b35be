import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { atExit } from './at-exit.js';
import { findProgram } from './find-program.js';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** It does its work and ends, which a server does not. */
  readonly endsByItself?: boolean;
  /** Called with each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

const running = new Set<TestProcess>();

atExit(() => {
  for (const child of running) child.signal('SIGKILL');
});

/** With this, the kernel ends a child when the test process is killed and cannot do so itself. */
const dieWithParent = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];

/** A real process of a test: ended by its pid, at the latest when the test process ends. */
export class TestProcess {
  /** Resolves with the exit code or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  private wasEnded = false;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];

  constructor(options: ProcessOptions) {
    const [command = '', ...args] = [...dieWithParent, programOf(options.command), ...options.args];
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    this.exited = new Promise((resolve) => {
      const ended = (reason: number | NodeJS.Signals | null) => {
        running.delete(this);
        resolve(reason);
      };
      this.child.once('close', (code, signal) => ended(code ?? signal));
      this.child.once('error', (error) => {
        this.lines.push(String(error));
        ended(null);
      });
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) readLines(stream, (line) => this.take(line, options.onLine));
    }
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`It did not start: ${this.output}`);
    return this.child.pid;
  }

  /** The last lines that it wrote. */
  get output(): string {
    return this.lines.join('\n');
  }

  get isRunning(): boolean {
    return running.has(this);
  }

  /** Whether it was ended by {@link end}, and not by itself or by somebody else. */
  get isEndWanted(): boolean {
    return this.wasEnded;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sends the signal and waits for the end. */
  async end(name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.isRunning) return;
    this.wasEnded = true;
    this.signal(name);
    await this.exited;
  }

  private take(line: string, onLine: ((line: string) => void) | undefined): void {
    this.lines.push(line);
    if (this.lines.length > 200) this.lines.shift();
    onLine?.(line);
  }
}

/** A path stays as it is; a name is looked for where servers are. */
function programOf(command: string): string {
  return command.includes('/') ? command : (findProgram(command) ?? command);
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}

/** Asks `probe` until it answers true; rejects with the process's output when it ends before. */
export async function untilReady(child: TestProcess, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (child.isRunning) {
    if (await probe().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error(`It did not become ready:\n${child.output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`It ended before it was ready:\n${child.output}`);
}
