import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type QuorateClient } from '../../../src/sdk/index.js';
import type { Answer } from '../../harness/generated/answers.js';
import { runQuorate, typeToQuorate, type Finished } from '../../harness/servers/command.js';
import { freePort } from '../../harness/servers/ports.js';
import { launchQuorate, QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const PASSWORD = 'secret-of-the-second';
let member: QuorateMember;
let servers: RedisServer[];
let client: QuorateClient;
let redis: Redis;

beforeAll(async () => {
  [member, ...servers] = await Promise.all([
    QuorateMember.start({ proxy: true }),
    RedisServer.start(),
    RedisServer.start({ password: PASSWORD }),
  ]);
  client = createClient({ url: member.url });
});

afterAll(async () => {
  redis?.disconnect();
  await client?.close();
  await Promise.all([member?.stop(), ...(servers ?? []).map((server) => server.stop())]);
});

const quorate = (...args: string[]): Promise<Finished> => runQuorate(args, { QUORATE_URL: member.url });

async function done(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await quorate(...args);
  expect(`${stderr}${status}`).toMatch(/0$/);
  return stdout;
}

/** What is asked for as JSON is what the SDK answers. */
const json = async <T>(...args: string[]): Promise<T> =>
  JSON.parse(await done(...args, '--output', 'json')) as T;

describe('from nothing to a finished move', () => {
  test('groups get their servers, one of them with a password from a file', async () => {
    const [first, second] = servers as [RedisServer, RedisServer];
    const file = join(temporaryDirectory('password'), 'redis.pw');
    writeFileSync(file, `${PASSWORD}\n`);
    expect(await done('groups', 'create', '1')).toBe('Created group 1.\n');
    expect((await json<Answer['createGroup']>('groups', 'create', '2')).group!.number).toBe(2);
    const added = await done('groups', 'add-server', '1', first.address);
    expect(added).toContain(first.address);
    expect(added).not.toMatch(/reachable/);
    const refused = await quorate('groups', 'add-server', '2', second.address);
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    await done('groups', 'add-server', '2', second.address, '--password-file', file);
    const table = (await done('groups')).split('\n');
    expect(table[0]).toMatch(/^GROUP {2}SLOTS {2}SERVER +ROLE/);
    expect(table.slice(1, 3).map((line) => line.trim().split(/ +/).slice(0, 4))).toEqual([
      ['1', '0', first.address, 'MASTER'],
      ['2', '0', second.address, 'MASTER'],
    ]);
    expect(await json('groups')).toMatchObject([{ number: 1 }, { number: 2 }]);
  });

  test('slots are created, assigned and found', async () => {
    expect(await done('slots', 'init')).toBe('Created 1024 slots, all offline.\n');
    expect(await done('slots', 'assign', '0-1023', '--to', '1')).toBe('1024 slots are in group 1.\n');
    expect((await done('slots')).split('\n')[1]?.trim().split(/ +/)).toEqual([
      '0-1023',
      '1024',
      'ONLINE',
      '1',
      '-',
    ]);
    expect(await json('slots')).toEqual(await client.slotRanges());
    expect(await json('slots', 'list', '5-6', '--group', '1')).toEqual(
      await client.slots({ from: 5, to: 6 }),
    );
    expect((await json<Answer['slotOf']>('slots', 'find', 'hello')).number).toBe(
      (await client.slotOf({ key: 'hello' })).number,
    );
  });

  test('a dry run shows what would move and moves nothing', async () => {
    redis = new Redis(member.proxyPort as number);
    await Promise.all(Array.from({ length: 500 }, (_, i) => redis.set(`key:${i}`, 'value')));
    const plan = (await done('slots', 'move', '0-511', '--to', '2', '--dry-run')).split('\n');
    expect(plan[0]).toMatch(/^FROM +TO +SLOTS +KEYS$/);
    expect(plan[1]?.trim().split(/ +/).slice(0, 3)).toEqual(['1', '2', '512']);
    expect((await json<Answer['rebalanceSlots']>('slots', 'rebalance', '--dry-run')).operation).toBeNull();
    expect(await json('operations')).toMatchObject({ nodes: [{ kind: 'ASSIGN_SLOTS' }] });
  });

  test('a move is followed to its end, line by line without a terminal', async () => {
    const { status, stdout, stderr } = await quorate('slots', 'move', '0-511', '--to', '2');
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/SUCCEEDED .*\nDone: \d+ /),
    });
    expect(stdout).toMatch(/Operation .+\n$/);
    expect(await json('slots')).toMatchObject([
      { to: 511, group: { number: 2 } },
      { to: 1023, group: { number: 1 } },
    ]);
    expect(await redis.get('key:7')).toBe('value');
    const again = await quorate('slots', 'move', '0-511', '--to', '2');
    expect(again).toMatchObject({ status: 3, stderr: expect.stringContaining('Nothing to move') });
  });

  test('a move shows a bar on a terminal', async () => {
    const { status, screen } = await typeToQuorate(
      ['slots', 'move', '0-63', '--to', '1'],
      { QUORATE_URL: member.url },
      [],
    );
    expect(screen).toContain('100%');
    expect(status).toBe(0);
  });

  test('a move that is not waited for can be paused, fails who waits for it, and is cancelled', async () => {
    await done('slots', 'limits', '--keys-per-second', '1', '--slots-per-batch', '1');
    const { operation } = await json<Answer['moveSlots']>(
      'slots',
      'move',
      '64-511',
      '--to',
      '1',
      '--no-wait',
    );
    const { id } = operation!;
    const waiting = quorate('operations', 'wait', id);
    await done('operations', 'pause', id);
    expect(await waiting).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`quorate operations resume ${id}`),
    });
    expect((await json<Answer['operation']>('operations', 'show', id))!.state).toBe('PAUSED');
    expect(await done('operations', 'list', '--state', 'paused')).toContain(id);
    await done('operations', 'resume', id);

    const interrupted = launchQuorate(['operations', 'wait', id], { QUORATE_URL: member.url });
    await until('it follows', () => interrupted.output.includes('RUNNING'));
    await interrupted.end('SIGINT');
    expect(await interrupted.exited).toBe(130);
    expect(interrupted.output).toContain('goes on');

    await done('operations', 'cancel', id);
    await done('slots', 'limits', '--keys-per-second', 'none', '--slots-per-batch', '16');
    const end = await quorate('operations', 'wait', id);
    expect(end).toMatchObject({ status: 1, stderr: expect.stringContaining('CANCELLED') });
  });

  test('every list can be shown, to people and to programs', async () => {
    for (const what of [
      'status',
      'members',
      'syncer',
      'binlog-servers',
      'slaves',
      'groups',
      'slots',
      'proxies',
      'operations',
      'actions',
    ]) {
      expect((await done(what)).length, what).toBeGreaterThan(0);
      expect(await json(what), what).toBeInstanceOf(Object);
    }
    expect(await json('status')).toMatchObject({ leader: { name: 'm1' } });
    const [proxy] = await client.proxies();
    expect(await done('proxies', 'stats', proxy!.name)).toContain('set');
    expect((await quorate('proxies', 'stats', 'nobody')).status).toBe(1);
    expect(await done('journal', 'status')).toContain('Executed GTIDs');
    expect(await done('journal', 'segments')).toContain('NAME');
    const newest = await json<Answer['actions']>('actions', 'list', '--limit', '3');
    const all = await client.actions({ first: 500 });
    expect(newest.nodes).toEqual(all.nodes.slice(-3));
  });
});

describe('what destroys', () => {
  test('is not done where nobody can be asked, unless --yes is given', async () => {
    await done('groups', 'create', '7');
    const asked = await quorate('groups', 'remove', '7');
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') });
    expect(await client.group({ number: 7 })).not.toBeNull();
    expect(await done('groups', 'remove', '7', '--yes')).toBe('Removed group 7.\n');
    expect(await client.group({ number: 7 })).toBeNull();
    for (const args of [
      ['slots', 'init', '--force'],
      ['slots', 'assign', '0-1', '--to', '1', '--force'],
      ['proxies', 'remove', 'p'],
      ['proxies', 'set-state', 'p', 'fenced'],
      ['members', 'remove', 'm1'],
      ['binlog-servers', 'remove', 'b'],
      ['groups', 'remove-server', '1', '127.0.0.1:1'],
      ['groups', 'promote', '1', '127.0.0.1:1', '--force'],
      ['syncer', 'stop', '--forget'],
      ['syncer', 'switch-source', '127.0.0.1:1', '--force'],
      ['actions', 'collect', '--keep-last', '1'],
    ]) {
      expect(await quorate(...args), args.join(' ')).toMatchObject({ status: 2, stdout: '' });
    }
  });

  test('is done on a terminal when its name is typed, and only then', async () => {
    const env = { QUORATE_URL: member.url };
    await done('groups', 'create', '8');
    const wrong = await typeToQuorate(['groups', 'remove', '8'], env, [['Type "8"', '9\r']]);
    expect(wrong.status).toBe(1);
    expect(await client.group({ number: 8 })).not.toBeNull();
    const interrupted = await typeToQuorate(['groups', 'remove', '8'], env, [['Type "8"', '\u0003']]);
    expect(interrupted.status).toBe(130);
    const silent = await typeToQuorate(['groups', 'remove', '8'], env, [['Type "8"', '\u0004']]);
    expect(silent.status).toBe(1);
    const right = await typeToQuorate(['groups', 'remove', '8'], env, [['Type "8"', '8\r']]);
    expect(right.screen).toContain('Removed group 8.');
    expect(right.status).toBe(0);
    expect(await client.group({ number: 8 })).toBeNull();
  });
});

describe('the exit status', () => {
  test('is 2 for wrong usage, and nothing was asked', async () => {
    for (const args of [
      ['nothing'],
      ['slots', 'move', '5-3', '--to', '1'],
      ['slots', 'move', '0-1024', '--to', '1'],
      ['slots', 'move', '0-1'],
      ['slots', 'move', '--to', '1'],
      ['slots', 'move', '0-1', '--to', '1', '--count', '3'],
      ['groups', 'create', 'one'],
      ['members', 'update', 'm1'],
      ['status', '--bogus'],
      ['status', '--url', 'ftp://there'],
      ['status', '--output', 'xml'],
      ['status', '--timeout', '-1'],
      ['status', '--token-file', '/does/not/exist'],
      ['watch', 'paint'],
      ['actions', 'list', '--type', 'nonsense'],
    ]) {
      const { status, stdout } = await quorate(...args);
      expect({ status, stdout }, args.join(' ')).toEqual({ status: 2, stdout: '' });
    }
  });

  test('is 3 when the service refuses, with its reason', async () => {
    const { status, stderr } = await quorate('groups', 'create', '1');
    expect(status).toBe(3);
    expect(stderr).toMatch(/^quorate: .*1.*\n$/);
  });

  test('is told to programs together with the error, as one line of JSON', async () => {
    const { status, stdout, stderr } = await quorate('groups', 'create', '1', '--output', 'json');
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*\n$/);
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({
      exitStatus: 3,
      userErrors: [{ code: 'ALREADY_EXISTS', path: ['input', 'number'] }],
    });
    const nowhere = await runQuorate([
      'status',
      '--url',
      `http://127.0.0.1:${await freePort()}`,
      '--output',
      'json',
    ]);
    expect(JSON.parse(nowhere.stderr).error).toMatchObject({ exitStatus: 4, message: expect.any(String) });
  });

  test('is 4 when no member can be reached, and 0 when one of several can', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    expect((await runQuorate(['status', '--url', nowhere])).status).toBe(4);
    expect((await runQuorate(['watch', '--url', nowhere])).status).toBe(4);
    expect((await runQuorate(['status', '--url', `${nowhere},${member.url}`])).status).toBe(0);
  });

  test('is 0 for help, with an example', async () => {
    const { status, stdout } = await quorate('slots', 'move', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Example:\n  quorate slots move 0-511 --to 2');
  });
});

describe('watching', () => {
  test('tells each action on a line of JSON until Ctrl-C', async () => {
    const watching = launchQuorate(['watch', 'actions', '--output', 'json'], { QUORATE_URL: member.url });
    await until('it has begun', () => watching.output !== '');
    await client.createGroup({ input: { number: 50 } });
    await until('the action is told', () => watching.output.includes('group/50'));
    expect(
      watching.output
        .split('\n')
        .map((line) => JSON.parse(line))
        .at(-1),
    ).toMatchObject({ target: 'group/50' });
    await watching.end('SIGINT');
    expect(await watching.exited).toBe(0);
  });

  test.each(['slots', 'slaves', 'members', 'cluster', 'syncer', 'journal', 'groups', 'proxies'])(
    '%s begins with the state',
    async (what) => {
      const watching = launchQuorate(['watch', what], { QUORATE_URL: member.url });
      await until('it has begun', () => watching.output !== '');
      if (what === 'slots') expect(watching.output).toMatch(/^0-\d+ ONLINE [12], .*-1023 ONLINE 1$/);
      await watching.end('SIGINT');
      expect(await watching.exited).toBe(0);
    },
  );
});

test('no password is seen in the list of processes', async () => {
  const port = await freePort();
  const command = launchQuorate(
    ['binlog-servers', 'start', 'main', '--address', `127.0.0.1:${port}`, '--user', 'repl'],
    { QUORATE_URL: member.url, QUORATE_PASSWORD: PASSWORD },
  );
  const seen = readFileSync(`/proc/${command.pid}/cmdline`, 'utf8');
  expect(seen).not.toContain(PASSWORD);
  expect(await command.exited).toBe(0);
  expect(command.output).not.toContain(PASSWORD);
  expect(
    (await quorate('binlog-servers', 'start', 'b', '--address', `127.0.0.1:${port}`, '--user', 'r')).status,
  ).toBe(2);
  const typed = await typeToQuorate(
    ['binlog-servers', 'start', 'main', '--address', `127.0.0.1:${port}`, '--user', 'repl'],
    { QUORATE_URL: member.url },
    [['Password of', `${PASSWORD}\r`]],
  );
  expect(typed.screen).toContain('Password of the user repl');
  expect(typed.screen).not.toContain(PASSWORD);
  await done('binlog-servers', 'remove', 'main', '--yes');
});
