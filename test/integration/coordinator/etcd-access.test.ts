import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CoordinatorUnavailableError,
  EtcdCoordinator,
  type EtcdCoordinatorOptions,
} from '../../../src/coordinator/index.js';
import { createCertificates } from '../../harness/servers/certificates.js';
import { startEtcd, type EtcdCluster, type EtcdOptions } from '../../harness/servers/etcd.js';
import { freePort } from '../../harness/servers/ports.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';
import { EtcdRoot } from './etcd-fixture.js';
import { put, takeBatches } from './harness.js';

const PASSWORD = 'the-right-password';
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: EtcdOptions): Promise<{ cluster: EtcdCluster; root: EtcdRoot }> {
  const cluster = await startEtcd(options);
  const root = new EtcdRoot(cluster);
  ends.push(
    () => cluster.stop(),
    () => root.dispose(),
  );
  return { cluster, root };
}

/** The error with which a client does not start. */
async function refusal(options: Partial<EtcdCoordinatorOptions>): Promise<CoordinatorUnavailableError> {
  const coordinator = new EtcdCoordinator({
    endpoints: [],
    root: '/quorate/x/',
    callTimeoutMs: 2_000,
    ...options,
  });
  ends.push(() => coordinator.stop());
  const error = await coordinator.start().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CoordinatorUnavailableError)) throw new Error(`Unexpected: ${String(error)}`);
  return error;
}

describe('access to etcd', () => {
  it('is granted to the right user and password', async () => {
    const { root } = await start({ rootPassword: PASSWORD });
    const coordinator = await root.connect({ username: 'root', password: PASSWORD });
    const session = await coordinator.openSession(5_000);
    await coordinator.commit({ conditions: [], operations: [{ put: 'a', value: '1', session }] });
    const [batch] = await takeBatches(coordinator.watch('', { afterRevision: 0n }), 1);
    expect(batch?.changes.map((change) => change.key)).toEqual(['a']);
    expect((await coordinator.status()).reachable).toBe(true);
  });

  it('is refused with a wrong password and without one, which the error tells apart, and no password in it', async () => {
    const { cluster } = await start({ rootPassword: PASSWORD });
    const { endpoints } = cluster;

    const wrong = await refusal({ endpoints, username: 'root', password: 'the-wrong-password' });
    expect(wrong.message).toContain(cluster.first.endpoint);
    expect(wrong.message).toContain('authentication failed');
    expect(wrong.message).not.toContain('the-wrong-password');
    const none = await refusal({ endpoints });
    expect(none.message).toContain('authentication is required');
  });

  it('goes on after all tokens have become invalid', async () => {
    const { cluster, root } = await start({ rootPassword: PASSWORD });
    const coordinator = await root.connect({ username: 'root', password: PASSWORD });
    const first = await put(coordinator, 'a', '1');
    const watch = coordinator.watch('', { afterRevision: first - 1n });
    await watch.next();

    // Tokens live in the memory of etcd.
    await cluster.first.kill();
    await cluster.first.start();

    const second = await put(coordinator, 'a', '2');
    expect((await takeBatches(watch, 1))[0]?.revision).toBe(second);
  });

  it('is kept while authentication is switched on, off and on again under a client that has a user', async () => {
    const { cluster, root } = await start({});
    const coordinator = await root.connect({ username: 'root', password: PASSWORD });
    const session = await coordinator.openSession(3_000);
    const before = await coordinator.commit({
      conditions: [],
      operations: [{ put: 'held', value: '', session }],
    });
    const watch = coordinator.watch('', { afterRevision: before.revision });
    let written = 0;
    const write = async (): Promise<void> => {
      for (let i = 0; i < 25; i++) await put(coordinator, `a${written++}`, '');
    };
    await write();
    await cluster.first.ctl('user', 'add', `root:${PASSWORD}`);
    await cluster.first.ctl('user', 'grant-role', 'root', 'root');
    const asRoot = ['--user', `root:${PASSWORD}`];
    for (const command of [
      ['auth', 'enable'],
      [...asRoot, 'auth', 'disable'],
      ['auth', 'enable'],
    ]) {
      const writing = write();
      await cluster.first.ctl(...command);
      await writing;
      await write();
      // Longer than the session lasts unless its lease is kept alive.
      await delay(4_000);
      expect(session.signal.reason).toBeUndefined();
      expect(session.isAlive()).toBe(true);
      expect(await coordinator.get('held')).toBeDefined();
    }
    const seen: string[] = [];
    while (seen.length < written) {
      const { value } = await watch.next();
      seen.push(...value!.changes.map(({ key }: { key: string }) => key));
    }
    expect(seen).toEqual(Array.from({ length: written }, (_, i) => `a${i}`));
  });

  it('says so when a user may not read the cluster', async () => {
    const { cluster, root } = await start({ rootPassword: PASSWORD });
    await cluster.first.ctl('--user', `root:${PASSWORD}`, 'user', 'add', 'guest:guest-password');
    const guest = { endpoints: cluster.endpoints, username: 'guest', password: 'guest-password' };
    expect((await refusal(guest)).message).toContain('permission denied');

    const coordinator = new EtcdCoordinator({ ...guest, root: root.root });
    ends.push(() => coordinator.stop());
    const watching = coordinator.watch('', { afterRevision: 0n }).next();
    await expect(watching).rejects.toBeInstanceOf(CoordinatorUnavailableError);
    await expect(watching).rejects.toThrow('permission denied');
  });

  it('works over TLS with the right authority, and names TLS when it is the wrong one or none', async () => {
    const { cluster, root } = await start({ tls: 'server' });
    const { certificates, endpoints } = cluster;
    if (certificates === undefined) throw new Error('The cluster has no certificates.');
    const coordinator = await root.connect({ tls: { ca: certificates.ca } });
    const revision = await put(coordinator, 'a', '1');
    expect((await takeBatches(coordinator.watch('', { afterRevision: 0n }), 1))[0]?.revision).toBe(revision);

    const directory = temporaryDirectory('other-authority');
    const other = createCertificates(directory, 'other');
    removeTemporaryDirectory(directory);
    const wrong = await refusal({ endpoints, tls: { ca: other.ca } });
    expect(wrong.message).toContain(cluster.first.endpoint);
    expect(wrong.message).toContain('TLS failure');
    expect((await refusal({ endpoints })).message).toContain('TLS failure');
  });

  it('shows a client certificate where etcd asks for one', async () => {
    const { cluster, root } = await start({ tls: 'mutual' });
    const { certificates, endpoints } = cluster;
    if (certificates === undefined) throw new Error('The cluster has no certificates.');
    const { ca, cert, key } = certificates;
    const coordinator = await root.connect({ tls: { ca, cert, key } });
    await put(coordinator, 'a', '1');
    expect((await refusal({ endpoints, tls: { ca } })).message).toContain(cluster.first.endpoint);
  });

  it('names every endpoint at which nobody listens', async () => {
    const endpoints = [`http://127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const { message } = await refusal({ endpoints });
    for (const endpoint of endpoints) expect(message).toContain(`${endpoint}: connection refused`);
  });

  it('can be sought again by the client that did not find it', async () => {
    const { cluster } = await start({});
    await cluster.first.kill();
    const coordinator = new EtcdCoordinator({ endpoints: cluster.endpoints, root: '/quorate/again/' });
    ends.push(() => coordinator.stop());
    await expect(coordinator.start()).rejects.toThrow('connection refused');
    await cluster.first.start();
    await coordinator.start();
    await put(coordinator, 'a', '1');
  });

  it('is found at the endpoint that works, when another does not', async () => {
    const { cluster, root } = await start({});
    const coordinator = await root.connect({
      endpoints: [`http://127.0.0.1:${await freePort()}`, cluster.first.endpoint],
    });
    await put(coordinator, 'a', '1');
  });
});

describe('the status of etcd', () => {
  it('lists the members and their leader, and says when there is none', async () => {
    const { cluster, root } = await start({ members: 3 });
    const coordinator = await root.connect();
    const revision = await put(coordinator, 'a', '1');

    const status = await coordinator.status();
    expect(status.reachable).toBe(true);
    expect(status.revision).toBeGreaterThanOrEqual(revision);
    expect(status.members.map((member) => member.name).sort()).toEqual(['m1', 'm2', 'm3']);
    const leader = await cluster.leader();
    expect(status.members.filter((member) => member.isLeader).map((member) => member.name)).toEqual([
      leader.name,
    ]);
    expect(status.members.flatMap((member) => member.clientUrls).sort()).toEqual(
      [...cluster.endpoints].sort(),
    );

    const [survivor, ...others] = cluster.members;
    await Promise.all(others.map((member) => member.kill()));
    while ((await coordinator.status()).reachable) {
      // The survivor notices within an election timeout.
    }
    expect((await coordinator.status()).members).toHaveLength(3);
    await survivor?.kill();
    expect(await coordinator.status()).toMatchObject({ reachable: false, members: [] });
  });
});
