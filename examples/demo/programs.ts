import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './wait.js';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it is asked to stop before it is killed: it has something to hand over. */
  readonly isAsked?: boolean;
}

interface Running {
  readonly program: Program;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  isWanted: boolean;
}

/** The kernel then kills a child whose parent is gone, however that came. */
const SETPRIV = '/usr/bin/setpriv';
const dieWithUs = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : [];
const LAST_LINES = 8;

/** Everything that the demo has started, each with a log of its own; it all ends with the demo. */
export class Programs {
  private readonly running = new Map<string, Running>();
  private isStopping = false;

  /** @param onLost called when one has ended that nobody has ended */
  constructor(
    private readonly logs: string,
    private readonly onLost: (message: string) => void,
  ) {}

  start(program: Program): void {
    if (this.isStopping) throw new Error('The demo is stopping.');
    const [command = program.command, ...args] = [...dieWithUs, program.command, ...program.args];
    const log = openSync(this.logOf(program.name), 'a', 0o600);
    const child = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const entry: Running = { program, child, ended, isWanted: true };
    this.running.set(program.name, entry);
    void ended.then(() => {
      if (this.running.get(program.name) === entry) this.running.delete(program.name);
      if (entry.isWanted && !this.isStopping) this.onLost(this.lastWords(program.name));
    });
  }

  /** Ends it as a crash would. */
  async kill(name: string): Promise<Program> {
    const entry = this.running.get(name);
    if (!entry) throw new Error(`${name} does not run.`);
    entry.isWanted = false;
    entry.child.kill('SIGKILL');
    await entry.ended;
    return entry.program;
  }

  /** Asks those to stop that want to be asked, then kills what is left. */
  async stop(patienceMs: number): Promise<void> {
    this.isStopping = true;
    const all = [...this.running.values()];
    const asked = all.filter(({ program }) => program.isAsked === true);
    for (const { child } of asked) child.kill('SIGTERM');
    const patience = new AbortController();
    await Promise.race([
      Promise.all(asked.map(({ ended }) => ended)),
      pause(patienceMs, patience.signal).catch(() => undefined),
    ]);
    patience.abort();
    this.killAll();
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** At once, and without waiting: when the demo itself ends. */
  killAll(): void {
    this.isStopping = true;
    for (const { child } of this.running.values()) child.kill('SIGKILL');
  }

  private logOf(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  private lastWords(name: string): string {
    const lines = readFileSync(this.logOf(name), 'utf8').trim().split('\n').slice(-LAST_LINES);
    return `${name} has ended by itself. The last that it said:\n${lines.map((line) => `    ${line}`).join('\n')}`;
  }
}
