import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

interface Problem {
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly message: string;
  readonly consequence: { readonly slotsUnserved: number; readonly slotsReadOnly: number };
}
interface Status {
  readonly clusterStatus: { readonly health: string; readonly problems: readonly Problem[] };
}

const STATUS = `subscription { clusterStatus { health problems {
  code severity subject message consequence { slotsUnserved slotsReadOnly } } } }`;

let member: QuorateMember;
let master: RedisServer;
let other: RedisServer;

beforeAll(async () => {
  [member, master, other] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start(),
  ]);
  await change(member, 'initSlots');
  await change(member, 'createGroup(input: { number: 1 })');
  await change(member, `addServer(input: { group: 1, address: "${master.address}" })`);
});

afterAll(async () => {
  await Promise.all([member?.kill(), master?.stop(), other?.stop()]);
});

/** Waits until exactly these problems are known, by code. */
async function until(codes: readonly string[]): Promise<Status['clusterStatus']> {
  const events = await member.follow<Status>(
    STATUS,
    ({ clusterStatus }) =>
      JSON.stringify(clusterStatus.problems.map(({ code }) => code).sort()) === JSON.stringify(codes),
  );
  return events.at(-1)!.clusterStatus;
}

async function tell(server: RedisServer, ...command: string[]): Promise<string> {
  const client = await server.client();
  const reply = await client.ask(...command);
  client.close();
  return String(reply);
}

test('slots that belong to no group are told while a proxy runs', async () => {
  const { health, problems } = await until(['SLOTS_UNASSIGNED']);
  expect(health).toBe('DOWN');
  expect(problems[0]).toMatchObject({ severity: 'CRITICAL', consequence: { slotsUnserved: 1024 } });
  await change(member, 'assignSlots(input: { from: 0, to: 1023, group: 1 })');
  expect((await until([])).health).toBe('OK');
});

describe('a master that refuses', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp, readonly string[]])[] = [
    [
      'writes without memory',
      ['CONFIG', 'SET', 'maxmemory', '1'],
      /OOM/,
      ['CONFIG', 'SET', 'maxmemory', '0'],
    ],
    [
      'writes without replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      /NOREPLICAS/,
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
    [
      'writes during a pause',
      ['CLIENT', 'PAUSE', '60000', 'WRITE'],
      /does not answer a write in time/,
      ['CLIENT', 'UNPAUSE'],
    ],
    [
      'clients that may not name themselves',
      ['ACL', 'SETUSER', 'default', '-client'],
      /new connections: .*NOPERM/,
      ['ACL', 'SETUSER', 'default', '+client'],
    ],
  ];
  test.each(cases)('%s is told, with its slots, until it takes them', async (_, begin, message, end) => {
    expect(await tell(master, ...begin)).toBe('+OK');
    const { health, problems } = await until(['SERVER_REFUSES']);
    expect(health).toBe('DOWN');
    expect(problems[0]).toMatchObject({
      severity: 'CRITICAL',
      subject: `server/${master.address}`,
      message: expect.stringMatching(message),
    });
    const { slotsReadOnly, slotsUnserved } = problems[0]!.consequence;
    expect(slotsReadOnly + slotsUnserved).toBe(1024);
    expect(await tell(master, ...end)).toBe('+OK');
    expect((await until([])).health).toBe('OK');
  });

  test('new connections because it has too many clients is told until there is room', async () => {
    const idle = await master.client();
    expect(await idle.ask('CONFIG', 'SET', 'maxclients', '1')).toBe('+OK');
    const { problems } = await until(['SERVER_REFUSES']);
    expect(problems[0]!.message).toMatch(/maxclients/);
    expect(await idle.ask('CONFIG', 'SET', 'maxclients', '1000')).toBe('+OK');
    idle.close();
    expect((await until([])).health).toBe('OK');
  });
});

test('a master that somebody made a replica takes no writes, and that is told', async () => {
  expect(await tell(master, 'REPLICAOF', '127.0.0.1', String(other.port))).toBe('+OK');
  const { health, problems } = await until(['MASTER_IS_REPLICA']);
  expect(health).toBe('DOWN');
  expect(problems[0]!.consequence).toMatchObject({ slotsReadOnly: 1024 });
  expect(await tell(master, 'REPLICAOF', 'NO', 'ONE')).toBe('+OK');
  expect((await until([])).health).toBe('OK');
});

test('a master that dies is told with the slots that are not served', async () => {
  await master.kill();
  const { problems } = await until(['MASTER_DOWN']);
  expect(problems[0]).toMatchObject({
    severity: 'CRITICAL',
    message: expect.stringContaining('is the master of group 1'),
    consequence: { slotsUnserved: 1024 },
  });
  await master.restart();
  expect((await until([])).health).toBe('OK');
});

test('a server that is replaced by a cluster node is told', async () => {
  await master.kill();
  const node = await RedisServer.start({ port: master.port, args: ['--cluster-enabled', 'yes'] });
  const { problems } = await until(['SERVER_UNFIT']);
  expect(problems[0]!.message).toContain('runs in cluster mode');
  await node.stop();
  await master.restart();
  await until([]);
});
