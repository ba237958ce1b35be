import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ROOT } from '../../harness/servers/mysql/accounts.js';
import { ServerSet } from '../../harness/servers/mysql/server-set.js';
import { freePort } from '../../harness/servers/ports.js';
import { TestProcess, untilReady } from '../../harness/servers/process.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const FOLDER = new URL('../../../examples/three-members/', import.meta.url);
const SCRIPT = fileURLToPath(new URL('cluster.sh', FOLDER));
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

const servers = new ServerSet();
const processes: TestProcess[] = [];

afterEach(async () => {
  for (const process of processes.splice(0).reverse()) await process.end('SIGTERM');
  await servers.remove();
});

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

test('the commands of the example start three members, and outlive the one that leads', async () => {
  const source = await servers.start({ flavour: 'mariadb' });
  const replica = await servers.start({ flavour: 'mariadb' });
  const folder = temporaryDirectory('three-members');
  const [api, slaves] = [await freePorts(4), await freePorts(3)];
  const env = {
    ...process.env,
    FOLDER: folder,
    ETCD_PORTS: (await freePorts(3)).join(' '),
    ETCD_PEER_PORTS: (await freePorts(3)).join(' '),
    API_PORTS: api.join(' '),
    PEER_PORTS: (await freePorts(4)).join(' '),
  };
  const places: Record<string, string> = { '3306': String(source.port), '3307': String(replica.port) };
  api.forEach((port, at) => (places[`400${at + 1}`] = String(port)));
  slaves.forEach((port, at) => (places[`331${at + 1}`] = String(port)));
  const text = readFileSync(new URL('README.md', FOLDER), 'utf8')
    .replace(/(?<=:|-P |= |ask )(330[67]|331\d|400[1-4])\b/g, (port) => places[port]!)
    .replaceAll('331$n', `$(echo ${slaves.join(' ')} | cut -d ' ' -f $n)`)
    .replaceAll('-u root', `-u ${ROOT.user} -p${ROOT.password}`)
    .replaceAll('/tmp/three-members', folder)
    .replaceAll(/sleep \d+; /g, '');
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!.trim().split('\n'));
  expect(blocks).toHaveLength(10);
  const ask = blocks[1]![0]!;
  const run = (lines: readonly string[]): string =>
    execFileSync('bash', ['-c', [ask, ...lines].join('\n')], { encoding: 'utf8', cwd: REPOSITORY });
  const launch = async (args: readonly string[], readyAt: number): Promise<TestProcess> => {
    const launched = new TestProcess({ command: SCRIPT, args, env });
    processes.push(launched);
    await untilReady(launched, async () => (await fetch(`http://127.0.0.1:${readyAt}/readyz`)).ok);
    return launched;
  };
  const [start, look, follow, serve, attach, kill, again, transfer, fourth, remove] = blocks;

  expect(start!.join()).toContain('examples/three-members/cluster.sh');
  const cluster = await launch([], api[2]!);
  await until('it says that it runs', async () => cluster.output.includes('The cluster runs.'));
  await until('all vote', async () => (run(look!).match(/"VOTER","state":"HEALTHY"/g) ?? []).length === 3);
  for (const output of [run(follow!), run(serve!)]) expect(output).not.toMatch(/"code"|"errors"/);
  run(attach!.slice(0, 1));
  await replica.replication.reach(await source.gtidExecuted());
  await until('its slave is seen', async () => run(attach!.slice(1)).includes('"name":"m2"'));

  run(kill!.slice(0, 2));
  await replica.replication.reach(await source.gtidExecuted());
  // It is told once the session of the one that is gone has ended, some seconds after another one leads.
  await until('it is told who is gone', () =>
    /"leader":\{"name":"m[23]"\}.*"message":".*m1/.test(run(kill!.slice(2, 3))),
  );
  expect(run(kill!.slice(3))).toMatch(/\b1\b/);

  await launch(again![0]!.split(' ').slice(1), api[0]!);
  // Refused until it has caught up.
  await until('m1 leads', async () =>
    run(transfer!).includes('"userErrors":[],"member":{"name":"m1","isLeader":true}'),
  );
  const other = await launch(fourth![0]!.split(' ').slice(1), api[3]!);
  expect(run(remove!.slice(0, 1))).toContain('"title":"Member m4 joins","state":"SUCCEEDED"');
  expect(run(remove!.slice(1, 2))).toContain('Equal to');
  expect(run(remove!.slice(2))).toContain('"members":[{"name":"m1"},{"name":"m2"},{"name":"m3"}]');
  expect(await other.exited).toBe(5);

  await cluster.end('SIGTERM');
  expect(cluster.output).toContain('All have stopped.');
  expect(await cluster.exited).toBe(0);
});
