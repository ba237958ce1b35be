import { execFile, spawn } from 'node:child_process';

/** Built before the tests begin, see build.ts. */
const MAIN = new URL('../../../dist/main.js', import.meta.url).pathname;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without what the environment of the tests may say. */
const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  TERM: 'xterm',
  ...env,
});

/** Runs a `quorate` command to its end, without a terminal. */
export function runQuorate(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: environment(env) },
      (error, stdout, stderr) => resolve({ status: error ? (child.exitCode ?? null) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Runs a `quorate` command on a terminal, and types when it has written what is waited for. */
export function typeToQuorate(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  answers: readonly (readonly [waitFor: string, type: string])[],
): Promise<{ status: number | null; screen: string }> {
  const command = [process.execPath, MAIN, ...args].map((part) => `'${part}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: environment({ SHELL: '/bin/sh', ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...answers];
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = left;
    if (!next || !screen.includes(next[0])) return;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, screen }));
  });
}
