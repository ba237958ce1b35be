import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '../harness/generated/answers.js';
import { freePort } from '../harness/servers/ports.js';
import { TestProcess } from '../harness/servers/process.js';
import type { GraphqlAnswer } from '../harness/servers/quorate.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../harness/servers/tmp.js';
import { until } from '../harness/until.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));
/** A minute for people's machines; here two other tests run beside it. */
const READY_MS = 90_000;

let demo: Demo | undefined;
afterEach(() => demo?.remove());

/** A demo with a folder of its own for what is temporary, so that what it leaves there is seen. */
class Demo {
  readonly process: TestProcess;
  private readonly folder = temporaryDirectory('demo');
  private readonly lines: string[] = [];

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = new TestProcess({
      command: process.execPath,
      args: [SCRIPT, '--as-is', ...args],
      env: { ...process.env, ...env, TMPDIR: this.folder },
      onLine: (line) => void this.lines.push(line),
    });
  }

  async remove(): Promise<void> {
    await this.process.end('SIGKILL');
    removeTemporaryDirectory(this.folder);
  }

  get output(): string {
    return this.lines.join('\n');
  }

  /** What it has put into the folder for what is temporary. */
  get left(): string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith('quorate-demo-'));
  }

  /** Processes that it has started, directly or not, and that still run. */
  get survivors(): string[] {
    const mine = `TMPDIR=${this.folder}\0`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => readIfThere(`/proc/${pid}/environ`).includes(mine) && runs(Number(pid)))
      .map((pid) => readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
  }

  async says(text: string, timeoutMs = READY_MS): Promise<void> {
    await until(
      `the demo says "${text}"`,
      () => {
        if (!this.output.includes(text) && !this.process.isRunning)
          throw new Error(`It ended:\n${this.output}`);
        return this.output.includes(text);
      },
      timeoutMs,
    );
  }

  async ask(query: string): Promise<Answer> {
    const url = /Dashboard +(\S+)/.exec(this.output)![1]!;
    const token = /Token +(\S+)/.exec(this.output)![1]!;
    const answer = await fetch(`${url}graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await answer.json()) as GraphqlAnswer<Answer>;
    if (!data) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** All that run and were started by it. */
  children(): number[] {
    return readFileSync(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** One that has ended and that nobody has asked about yet does not run. */
function runs(pid: number): boolean {
  const state = readIfThere(`/proc/${pid}/stat`);
  return state !== '' && !/\) [ZX] /.test(state);
}

test('shows everything alive, and leaves nothing', async () => {
  const port = await freePort();
  const taken = createServer().listen(port, '127.0.0.1');
  demo = new Demo(['--port', String(port), '--for', '600']);
  await demo.says('The demo is ready');
  taken.close();
  expect(demo.output).toContain(`Port ${port} is taken`);
  expect(demo.output).not.toMatch(/https?:\S*qt_/);
  const { cluster, groups, slotRanges, proxies, slaves, members, syncer, actions } = await demo.ask(
    `{ cluster { health } groups { slotCount servers { address reachable } } slotRanges { from } syncer { state }
      proxies { state opsPerSecond opsTotal } slaves { member { name } } members { role } actions { nodes { type } } }`,
  );
  expect([cluster.health, syncer.state]).toEqual(['OK', 'RUNNING']);
  expect(groups.map((group) => [group.slotCount, group.servers.length])).toEqual([
    [512, 2],
    [512, 2],
  ]);
  expect(slotRanges).toHaveLength(2);
  expect(proxies.every((proxy) => proxy.state === 'ONLINE' && Number(proxy.opsTotal) > 0)).toBe(true);
  expect(slaves).toEqual([{ member: { name: 'm2' } }]);
  expect(members).toEqual([{ role: 'VOTER' }, { role: 'VOTER' }]);
  expect(actions.nodes.length).toBeGreaterThan(5);
  const children = demo.children();
  expect(children.length).toBe(3 + 4 + 2 + 2 + 2);
  expect(demo.left).toHaveLength(1);

  demo.process.signal('SIGINT');
  expect(await demo.process.exited).toBe(0);
  expect(demo.output).toContain('Redis answered');
  expect(children.filter(runs)).toEqual([]);
  expect(demo.left).toEqual([]);
});

test('with chaos, is well again after each fault, and ends by itself', async () => {
  demo = new Demo(['--port', String(await freePort()), '--chaos', '--for', '30']);
  await demo.says('chaos: all is well again');
  expect(await demo.process.exited).toBe(0);
  expect(demo.output).not.toContain('not well again');
  expect(demo.output).not.toContain('has ended by itself');
  expect(demo.left).toEqual([]);
});

test('killed outright, takes what it has started with it', async () => {
  demo = new Demo(['--port', String(await freePort())]);
  await demo.says('Starting members');
  const children = demo.children();
  expect(children.length).toBeGreaterThan(8);
  await demo.process.end('SIGKILL');
  await until('none of them runs', () => !children.some(runs));
});

test('when it cannot start, says why and leaves nothing', async () => {
  const folder = temporaryDirectory('bin');
  const program = (name: string, text: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('etcd', 'echo no etcd today; exit 1');
  // It is at work while the demo ends, and begins by making its folder.
  program('mariadb-install-db', 'sleep 2; exec /usr/bin/mariadb-install-db "$@"');
  demo = new Demo(['--port', String(await freePort())], { PATH: `${folder}:${process.env['PATH']}` });
  expect(await demo.process.exited).toBe(1);
  expect(demo.output).toMatch(/etcd\d has ended by itself[^]*no etcd today/);
  expect(demo.survivors).toEqual([]);
  expect(demo.left).toEqual([]);
});

test('told something that it does not know, says what it knows', async () => {
  demo = new Demo(['--fast']);
  expect([await demo.process.exited, demo.output]).toEqual([2, expect.stringContaining('--pace')]);
});
