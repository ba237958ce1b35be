import { statfsSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember, type MemberOptions } from '../../harness/servers/quorate.js';
import { removeSmallDisks, smallDisk } from '../../harness/faults/small-disk.js';

interface Status {
  readonly clusterStatus: {
    readonly health: string;
    readonly problems: readonly { readonly code: string; readonly message: string }[];
  };
}

const STATUS = 'subscription { clusterStatus { health problems { code message } } }';

let etcd: EtcdCluster | undefined;
let members: QuorateMember[] = [];

afterEach(async () => {
  await Promise.all(members.map((member) => member.kill()));
  members = [];
  await etcd?.stop();
  etcd = undefined;
  removeSmallDisks();
});

async function startMembers(args: readonly string[] = []): Promise<void> {
  etcd = await startEtcd({ args });
  await joinMembers();
}

async function joinMembers(options: Pick<MemberOptions, 'args' | 'env'> = {}): Promise<void> {
  for (const name of ['m1', 'm2']) {
    const secret = members[0] && { secretKey: members[0].secretKey };
    members.push(await QuorateMember.start({ name, etcd: etcd!.endpoints, ...options, ...secret }));
  }
}

async function restartMembers(): Promise<void> {
  const { secretKey } = members[0]!;
  for (const [i, { name, dataDir, port }] of [...members.entries()]) {
    await members[i]!.kill();
    members[i] = await QuorateMember.start({
      ...{ name, dataDir, port, etcd: etcd!.endpoints, secretKey },
    });
  }
}

/** The message of that problem, once the member knows it. */
async function told(member: QuorateMember, code: string): Promise<string> {
  const events = await member.follow<Status>(STATUS, ({ clusterStatus }) =>
    clusterStatus.problems.some((problem) => problem.code === code),
  );
  const { health, problems } = events.at(-1)!.clusterStatus;
  expect(health).toBe('DOWN');
  return problems.find((problem) => problem.code === code)!.message;
}

async function untilOk(member: QuorateMember): Promise<void> {
  await member.follow<Status>(STATUS, ({ clusterStatus }) => clusterStatus.health === 'OK');
}

async function readiness(member: QuorateMember): Promise<number> {
  return (await fetch(`http://127.0.0.1:${member.port}/readyz`)).status;
}

describe('an etcd that answers and takes no changes is told by every member', () => {
  test('when its quota is used up, until there is room', async () => {
    await startMembers(['--quota-backend-bytes', String(4 * 1024 * 1024)]);
    // The put that goes over the quota raises the alarm, and the next one is refused.
    const isFull = async (): Promise<boolean> => (await etcd!.first.ctl('alarm', 'list')).includes('NOSPACE');
    for (let i = 0; i < 100 && !(await isFull()); i++) {
      await etcd!.first.ctl('put', `other/${i}`, 'x'.repeat(100_000)).catch(() => undefined);
    }
    for (const member of members) {
      expect(await told(member, 'COORDINATOR_READ_ONLY')).toContain('NOSPACE');
      expect(await readiness(member)).toBe(503);
    }
    await etcd!.first.ctl('del', 'other/', '--prefix').catch(() => undefined);
    const status = JSON.parse(await etcd!.first.ctl('endpoint', 'status', '--write-out', 'json')) as [
      { Status: { header: { revision: number } } },
    ];
    await etcd!.first.ctl('compact', String(status[0].Status.header.revision));
    await etcd!.first.ctl('defrag');
    await etcd!.first.ctl('alarm', 'disarm');
    for (const member of members) await untilOk(member);
  });

  test('when authentication is switched on and they have no user, until it is off', async () => {
    await startMembers();
    await etcd!.first.ctl('user', 'add', 'root:secret');
    await etcd!.first.ctl('user', 'grant-role', 'root', 'root');
    await etcd!.first.ctl('auth', 'enable');
    for (const member of members) {
      expect(await told(member, 'COORDINATOR_UNREACHABLE')).toContain('authentication is required');
    }
    await etcd!.first.ctl('--user', 'root:secret', 'auth', 'disable');
    for (const member of members) await untilOk(member);
  });

  test('when their user loses its role, until it has it again', async () => {
    etcd = await startEtcd();
    const root = ['--user', 'root:secret'];
    await etcd.first.ctl('user', 'add', 'root:secret');
    await etcd.first.ctl('user', 'grant-role', 'root', 'root');
    await etcd.first.ctl('role', 'add', 'members');
    await etcd.first.ctl('role', 'grant-permission', 'members', 'readwrite', '', '--from-key');
    await etcd.first.ctl('user', 'add', 'quorate:password');
    await etcd.first.ctl('user', 'grant-role', 'quorate', 'members');
    await etcd.first.ctl('auth', 'enable');
    await joinMembers({
      args: ['--etcd-username', 'quorate'],
      env: { QUORATE_ETCD_PASSWORD: 'password' },
    });
    await etcd.first.ctl(...root, 'user', 'revoke-role', 'quorate', 'members');
    for (const member of members) {
      expect(await told(member, 'COORDINATOR_UNREACHABLE')).toContain('permission denied for this user');
    }
    await etcd.first.ctl(...root, 'user', 'grant-role', 'quorate', 'members');
    for (const member of members) await untilOk(member);
  });

  test('when it has lost all data while they run, until those are restored and they are restarted', async () => {
    await startMembers();
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await members[0]!.run(`mutation { createGroup(input: { number: ${number} }) { revision } }`);
    }
    const restore = await etcd!.snapshot();
    await etcd!.wipe();
    for (const member of members) {
      expect(await told(member, 'COORDINATOR_RESTORED')).toContain('or has lost its data');
      expect(await readiness(member)).toBe(503);
    }
    await restore();
    await restartMembers();
    for (const member of members) await untilOk(member);
    const { groups } = await members[1]!.run('{ groups { number } }');
    expect(groups).toHaveLength(8);
  });

  test('when it was restored from a snapshot while they run, until they are restarted', async () => {
    await startMembers();
    const restore = await etcd!.snapshot();
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await members[0]!.run(`mutation { createGroup(input: { number: ${number} }) { revision } }`);
    }
    await restore();
    for (const member of members) {
      await told(member, 'COORDINATOR_RESTORED');
      expect(await readiness(member)).toBe(503);
    }
    await restartMembers();
    for (const member of members) await untilOk(member);
  });
});

test('a full disk under the embedded coordinator is told, until there is room', async () => {
  const disk = smallDisk(8);
  if (disk === null) {
    console.warn('No file system may be mounted here: the full disk is not tried.');
    return;
  }
  const member = await QuorateMember.start({ dataDir: join(disk, 'data') });
  members.push(member);
  const { bavail, bsize } = statfsSync(disk);
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - 4096));
  const flood = setInterval(
    () =>
      void member
        .ask(
          'mutation { createGroup(input: { number: 1 }) { revision } removeGroup(input: { number: 1 }) { revision } }',
        )
        .catch(() => undefined),
    20,
  );
  try {
    expect(await told(member, 'COORDINATOR_READ_ONLY')).toMatch(/This member leads, .*(ENOSPC|no space)/i);
    expect(await readiness(member)).toBe(503);
  } finally {
    clearInterval(flood);
  }
  rmSync(ballast);
  await untilOk(member);
});
