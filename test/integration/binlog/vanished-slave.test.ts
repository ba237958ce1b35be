import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { TestProcess } from '../../harness/servers/process.js';
import { until } from '../../harness/until.js';

const CHILD = new URL('./vanished-slave-child.ts', import.meta.url).pathname;
const OWN_NETWORK = ['unshare', '--net'] as const;

let child: TestProcess | null = null;

afterEach(async () => {
  await child?.end();
  child = null;
});

test('a slave whose machine is gone leaves the list by itself; one that merely reads nothing stays', async (context) => {
  if (spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status !== 0)
    return context.skip('needs the right to make a network');
  const [command, ...args] = OWN_NETWORK;
  const lines: string[] = [];
  child = new TestProcess({
    command,
    args: [...args, process.execPath, '--import', 'tsx', CHILD],
    onLine: (line) => lines.push(line),
  });
  await until('the child has ended', () => !child!.isRunning);
  expect(lines).toEqual(['There are 2.', 'There are none.']);
}, 120_000);
