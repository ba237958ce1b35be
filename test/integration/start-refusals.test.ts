import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../harness/servers/ports.js';
import { launchQuorate, QuorateMember } from '../harness/servers/quorate.js';
import { temporaryDirectory } from '../harness/servers/tmp.js';
import { until } from '../harness/until.js';

/** What a member says that does not start in that directory, and how it ends. */
async function refusalIn(dataDir: string): Promise<string> {
  const listen = `127.0.0.1:${await freePort()}`;
  const process = launchQuorate(['serve', '--name', 'm1', '--listen', listen, '--data-dir', dataDir]);
  expect(await process.exited).toBe(1);
  expect(process.output).not.toMatch(/^\s+at /m);
  return process.output;
}

test('a data directory that is a file is refused in a sentence', async () => {
  const file = join(temporaryDirectory('start'), 'file');
  writeFileSync(file, '');
  expect(await refusalIn(file)).toMatch(/data directory .*file cannot be made: .*--data-dir/);
});

test('a member whose secret key is gone gets no new one, and starts when it is back', async () => {
  const member = await QuorateMember.start();
  await member.stop();
  rmSync(join(member.dataDir, 'secret.key'));
  expect(await refusalIn(member.dataDir)).toMatch(/secret\.key is gone, .*restore it/);
  // Nor by a second try.
  expect(await refusalIn(member.dataDir)).toMatch(/secret\.key is gone/);
});

test('a misspelt environment variable is warned of', async () => {
  const lines: string[] = [];
  const member = await QuorateMember.start({
    env: { QUORATE_JORNAL_KEEP_HOURS: '1' },
    onLine: (line) => lines.push(line),
  });
  await until('it is warned of', () => lines.some((line) => line.includes('QUORATE_JORNAL_KEEP_HOURS')));
  await member.kill();
});
