import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { ROOT } from '../../harness/servers/mysql/accounts.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { freePort } from '../../harness/servers/ports.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

const README = new URL('../../../examples/first-replica/README.md', import.meta.url);

const servers = new ServerSet();
let member: QuorateMember | null = null;

afterEach(async () => {
  await member?.stop();
  member = null;
  await servers.remove();
});

test('the commands of the example feed a replica', async () => {
  const source = await servers.start({ flavour: 'mariadb' });
  const replica = await servers.start({ flavour: 'mariadb' });
  member = await QuorateMember.start({ name: 'm1' });
  const places: Record<string, string> = {
    '3306': String(source.port),
    '3307': String(replica.port),
    '3310': String(await freePort()),
    '4000': String(member.port),
  };
  const commands = [...readFileSync(README, 'utf8').matchAll(/```sh\n(.*?)```/gs)]
    .map(([, command]) => command!)
    .filter((command) => !command.includes('npm start') && !command.includes('REPLICATION SOURCE TO'))
    .map((command) => command.replace(/(?<=:|-P |= )(3306|3307|3310|4000)\b/g, (port) => places[port]!))
    .map((command) => command.replaceAll('-u root', `-u ${ROOT.user} -p${ROOT.password}`));
  expect(commands).toHaveLength(5);
  const outputs = commands.map((command) => execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
  for (const output of [outputs[1], outputs[2]]) expect(output).toContain('"userErrors":[]');

  await replica.replication.reach(await source.gtidExecuted());
  expect(await replica.query('SELECT * FROM first.t')).toEqual([{ id: 1 }]);
});
