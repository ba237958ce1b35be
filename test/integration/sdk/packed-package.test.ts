import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url).pathname;
const folder = temporaryDirectory('packed');
let member: QuorateMember;

beforeAll(async () => {
  member = await QuorateMember.start();
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  mkdirSync(join(folder, 'node_modules/quorate'), { recursive: true });
  await run('tar', [
    '-xzf',
    join(folder, filename),
    '--strip-components=1',
    '-C',
    join(folder, 'node_modules/quorate'),
  ]);
  // Its dependencies, as an installation would put them beside it.
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});

afterAll(() => member?.stop());

test('the packed SDK works in an empty folder, loads no graphql and lets the process end by itself', async () => {
  const script = join(folder, 'use.js');
  writeFileSync(
    script,
    `import { createClient } from 'quorate/sdk';
     import { createRequire } from 'node:module';
     const client = createClient({ url: '${member.url}' });
     const { name } = await client.cluster();
     for await (const cluster of client.watchCluster()) {
       console.log(name === cluster.name);
       break;
     }
     const watching = client.watchActions();
     await watching.next();
     await client.close();
     const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /node_modules.graphql./.test(file));
     console.log(loaded.length);
     console.log(process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS/.test(name)).join());`,
  );
  const { stdout } = await run(process.execPath, [script], { cwd: folder });
  expect(stdout).toBe('true\n0\n\n');
});

test('a process that leaves a subscription without closing the client ends by itself', async () => {
  const script = join(folder, 'leave.js');
  writeFileSync(
    script,
    `import { createClient } from 'quorate/sdk';
     for await (const { name } of createClient({ url: '${member.url}' }).watchMembers()) {
       console.log(name);
       break;
     }`,
  );
  expect((await run(process.execPath, [script], { cwd: folder })).stdout).toBe('m1\n');
});

test('its types are found, and check what is asked', async () => {
  const options = ['--noEmit', '--strict', '--module', 'NodeNext', '--target', 'ES2022', '--types', 'node'];
  const check = (text: string) => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { createClient } from 'quorate/sdk';\nconst client = createClient({ url: '' });\n${text}`,
    );
    return run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'use.ts'], {
      cwd: folder,
    });
  };
  await check('export const numbers: number[] = (await client.groups()).map(({ number }) => number);');
  await expect(check('export const numbers = await client.group({ number: "one" });')).rejects.toMatchObject({
    stdout: expect.stringContaining('TS2322'),
  });
});
