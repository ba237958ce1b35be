import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Payload, UserError } from '../../harness/generated/answers.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { until } from '../../harness/until.js';

const TTL = ['--session-ttl', '2000'];
const MEMBERS = '{ members { name role state isLeader } }';
let etcd: EtcdCluster;
let first: QuorateMember;
const others = new Map<string, QuorateMember>();

const options = (name: string) => ({ name, etcd: etcd.endpoints, secretKey: first.secretKey, args: TTL });

async function start(name: string): Promise<QuorateMember> {
  const member = await QuorateMember.start(options(name));
  others.set(name, member);
  return member;
}

async function refusal(member: QuorateMember, mutation: string): Promise<UserError | undefined> {
  const { data, errors } = await member.ask<Record<string, Payload>>(
    `mutation { ${mutation} { revision userErrors { code path message } } }`,
  );
  expect(errors).toBeUndefined();
  const [payload] = Object.values(data!);
  expect(payload!.revision).toBeNull();
  return payload!.userErrors[0];
}

const readiness = async (member: QuorateMember) =>
  (await fetch(`${member.url}/readyz`).then(
    (answer) => answer.text(),
    () => '',
  )) as string;

beforeAll(async () => {
  etcd = await startEtcd();
  first = await QuorateMember.start({ name: 'm1', etcd: etcd.endpoints, args: TTL });
});

afterAll(async () => {
  await Promise.all([first, ...others.values()].map((member) => member?.kill()));
  await etcd?.stop();
});

describe('the membership of a cluster', () => {
  test('begins with the first process, which votes and leads', async () => {
    expect((await first.run(MEMBERS)).members).toEqual([
      { name: 'm1', role: 'VOTER', state: 'HEALTHY', isLeader: true },
    ]);
  });

  test('leaves out a process that nobody has named, which serves nothing until somebody does', async () => {
    const stranger = await QuorateMember.launch({ ...options('m2'), joins: false });
    others.set('m2', stranger);
    await until('it says why', async () =>
      /m2 is not part of this cluster.*addMember/.test(await readiness(stranger)),
    );
    const { errors } = await stranger.ask('{ cluster { name } }');
    expect(errors?.[0]?.extensions?.['code']).toBe('NOT_A_MEMBER');
    const { addMember } = await first.run(
      `mutation { addMember(input: { name: "m2", peerUrls: ["tcp://127.0.0.1:1"] }) {
         userErrors { code } member { name role state } members { name } } }`,
    );
    expect(addMember).toMatchObject({
      member: { name: 'm2', role: 'LEARNER' },
      members: [{ name: 'm1' }, { name: 'm2' }],
    });
    await stranger.ready();
    expect((await stranger.run(MEMBERS)).members[1]).toEqual({
      ...{ name: 'm2', role: 'VOTER', state: 'HEALTHY', isLeader: false },
    });
    const { operations } = await first.run('{ operations { nodes { kind state title } } }');
    expect(operations.nodes).toContainEqual({
      ...{ kind: 'JOIN_MEMBER', state: 'SUCCEEDED', title: 'Member m2 joins' },
    });
  });

  test('lets a process in that asks for it', async () => {
    const third = await start('m3');
    expect((await third.run(MEMBERS)).members.map((member) => [member.name, member.role])).toEqual([
      ['m1', 'VOTER'],
      ['m2', 'VOTER'],
      ['m3', 'VOTER'],
    ]);
  });

  test('does not let another data directory take a name', async () => {
    const twin = await QuorateMember.launch(options('m3'));
    expect(await twin.process.exited).toBe(1);
    expect(twin.process.output).toMatch(/Member m3 has another data directory/);
  });

  test('refuses what is taken', async () => {
    const { members } = await first.run('{ members { peerUrls } }');
    const [url] = members[2]!.peerUrls;
    for (const same of [url, `${url}/`])
      expect(await refusal(first, `addMember(input: { name: "m4", peerUrls: ["${same}"] })`)).toMatchObject({
        ...{ code: 'ALREADY_EXISTS', path: ['input', 'peerUrls'] },
        message: expect.stringContaining('m3'),
      });
  });

  test('keeps its quorum: what would lose it names who is down, and since when', async () => {
    const killedAt = Date.now();
    await others.get('m3')!.kill();
    await until('it is seen to be gone', async () => {
      const { members } = await first.run(MEMBERS);
      return members[2]!.state === 'UNREACHABLE';
    });
    expect(await refusal(first, 'removeMember(input: { name: "m2", force: true })')).toMatchObject({
      ...{ code: 'WOULD_LOSE_QUORUM', message: expect.stringContaining('m3') },
    });
    expect(await refusal(first, 'addMember(input: { name: "m4", peerUrls: ["tcp://a:1"] })')).toMatchObject({
      ...{ code: 'UNHEALTHY', message: expect.stringContaining('m3') },
    });
    const { cluster } = await first.run('{ cluster { health problems { subject } } }');
    expect(cluster).toMatchObject({ health: 'DEGRADED', problems: [{ subject: 'member/m3' }] });
    const { member } = await first.run<{ member: { lastSeenAt: string } }>(
      '{ member(name: "m3") { lastSeenAt } }',
    );
    const missedAt = Date.parse(member.lastSeenAt);
    expect(missedAt).toBeGreaterThanOrEqual(killedAt);
    expect(missedAt).toBeLessThanOrEqual(Date.now());
    const { member: again } = await first.run<{ member: typeof member }>(
      '{ member(name: "m3") { lastSeenAt } }',
    );
    expect(again).toEqual(member);
  });

  test('lets one go that is down, which is told so when it comes again, and comes back with nothing', async () => {
    const { removeMember } = await first.run(
      'mutation { removeMember(input: { name: "m3" }) { userErrors { code } member { name } members { name } } }',
    );
    expect(removeMember).toEqual({ userErrors: [], member: null, members: [{ name: 'm1' }, { name: 'm2' }] });
    expect(await refusal(first, 'removeMember(input: { name: "m3" })')).toMatchObject({ code: 'GONE' });
    const { dataDir } = others.get('m3')!;
    const again = await QuorateMember.launch({ ...options('m3'), dataDir });
    expect(await again.process.exited).toBe(5);
    expect(again.process.output).toMatch(/m3 was removed.*empty data directory/);
    rmSync(dataDir, { recursive: true });
    others.set('m3', await QuorateMember.start({ ...options('m3'), dataDir }));
  });

  test('lets one go that runs: its process ends by itself, with a status of its own', async () => {
    const third = others.get('m3')!;
    await third.run('mutation { removeMember(input: { name: "m3" }) { userErrors { code } } }');
    expect(await third.process.exited).toBe(5);
    expect(third.process.output).toMatch(/m3 was removed/);
  });

  test('hands leadership to whom it is told, asked at whichever member, and answers when that leads', async () => {
    const second = others.get('m2')!;
    const transfer = (to: string) =>
      second.run(
        `mutation { transferLeadership(input: { to: "${to}" }) { userErrors { code } revision member { name isLeader } } }`,
      );
    expect((await transfer('m2')).transferLeadership.member).toEqual({ name: 'm2', isLeader: true });
    expect((await transfer('m2')).transferLeadership.revision).toBeNull();
    expect((await transfer('m1')).transferLeadership.member).toEqual({ name: 'm1', isLeader: true });
    const third = await start('m3');
    const { transferLeadership } = await third.run(
      'mutation { transferLeadership(input: { to: "m3" }) { userErrors { code } member { isLeader } } }',
    );
    expect(transferLeadership).toEqual({ userErrors: [], member: { isLeader: true } });
  });

  test('waits in a directory of another cluster for nothing', async () => {
    const directory = temporaryDirectory('foreign');
    const alone = await QuorateMember.start({ name: 'm9', dataDir: directory });
    await alone.stop();
    const stranger = await QuorateMember.launch({
      ...options('m9'),
      dataDir: directory,
      secretKey: first.secretKey,
    });
    expect(await stranger.process.exited).toBe(1);
    expect(stranger.process.output).toMatch(/which this cluster has never had/);
  });

  test('says so when nobody leads, because the coordinator is away', async () => {
    await etcd.stop();
    const code = async () => {
      const { errors } = await first.ask('mutation { createGroup(input: { number: 1 }) { revision } }');
      return errors?.[0]?.extensions?.['code'];
    };
    await expect.poll(code, { timeout: 20_000 }).toBe('NO_LEADER');
  });
});
