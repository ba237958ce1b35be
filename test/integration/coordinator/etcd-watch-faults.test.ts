import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Coordinator, WatchBatch } from '../../../src/coordinator/index.js';
import { startEtcd, type EtcdCluster, type EtcdMember } from '../../harness/servers/etcd.js';
import type { TcpRelay } from '../../harness/servers/tcp-relay.js';
import { EtcdRoot } from './etcd-fixture.js';
import { put, takeBatches, takeUntil } from './harness.js';

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

describe('a watch over a connection that breaks', () => {
  let cluster: EtcdCluster;
  let root: EtcdRoot;
  let relay: TcpRelay;

  beforeAll(async () => {
    cluster = await startEtcd();
  });
  afterAll(async () => {
    await cluster.stop();
  });
  beforeEach(async () => {
    root = new EtcdRoot(cluster);
    relay = await root.relay();
  });
  afterEach(async () => {
    await root.dispose();
  });

  it('delivers every one of 1,000 events, once and in order, when it is cut while it catches up', async () => {
    const direct = await root.connect();
    const watcher = await root.connect({ endpoints: [relay.address] });
    const value = 'x'.repeat(8_000);
    const writes = Array.from({ length: 1_000 }, (_unused, index) => put(direct, `e/${index}`, value));
    const written = (await Promise.all(writes)).sort(ascending);

    // 8 MB come in fragments of about 2 MB: some cuts fall into one, some between two.
    const cuts = [500_000, 2_500_000, 100, 3_000_000, 2_200_000];
    const seen: WatchBatch[] = [];
    relay.dropAfterReplies = cuts.shift() ?? Infinity;
    for await (const batch of watcher.watch('e/', { afterRevision: 0n })) {
      seen.push(batch);
      if (relay.dropAfterReplies === Infinity) relay.dropAfterReplies = cuts.shift() ?? Infinity;
      if (seen.length === 1_000) break;
    }

    expect(seen.map((batch) => batch.revision)).toEqual(written);
    expect(seen.every((batch) => batch.changes.length === 1)).toBe(true);
    // Set on the way, the last cuts may come after the end.
    expect(cuts.length).toBeLessThan(3);
  });

  it('delivers what was written while there was no connection', async () => {
    const direct = await root.connect();
    const watcher = await root.connect({ endpoints: [relay.address] });
    const first = await put(direct, 'e/first', '');
    const watch = watcher.watch('e/', { afterRevision: first - 1n });
    await watch.next();
    relay.cut();
    const missed = [];
    for (let index = 0; index < 50; index += 1) missed.push(await put(direct, `e/${index % 5}`, ''));
    relay.restore();

    expect((await takeBatches(watch, 50)).map((batch) => batch.revision)).toEqual(missed);
  });

  it('goes on when a connection has fallen silent without being closed', async () => {
    const second = await root.relay();
    const relays = [relay, second];
    const direct = await root.connect();
    const watcher = await root.connect({ endpoints: relays.map(({ address }) => address) });
    const first = await put(direct, 'e/first', '');
    const watch = watcher.watch('e/', { afterRevision: first - 1n });
    await watch.next();

    const used = relays.filter(({ connections }) => connections > 0);
    expect(used).toHaveLength(1);
    used[0]?.silence();
    const missed = await put(direct, 'e/missed', '');

    const [batch] = await takeBatches(watch, 1);
    expect(batch?.revision).toBe(missed);
  });

  it('holds back a history that its consumer does not take', async () => {
    const direct = await root.connect();
    const watcher = await root.connect({ endpoints: [relay.address] });
    const value = 'x'.repeat(100_000);
    const revisions: bigint[] = [];
    for (let round = 0; round < 45; round += 1) {
      const operations = Array.from({ length: 10 }, (_unused, index) => ({ put: `big/${index}`, value }));
      revisions.push((await direct.commit({ conditions: [], operations })).revision);
    }
    let passed = 0;
    const counting = await root.relay();
    counting.onReply = (bytes) => (passed += bytes);
    const slow = await root.connect({ endpoints: [counting.address] });
    const watch = slow.watch('big/', { afterRevision: 0n });
    await watch.next();
    // A round trip of another client over the same machine, many times: time in which more could have come.
    for (let round = 0; round < 200; round += 1) await watcher.get('big/0');
    expect(passed).toBeLessThan(40_000_000);

    expect((await takeBatches(watch, revisions.length - 1)).map(({ revision }) => revision)).toEqual(
      revisions.slice(1),
    );
    expect(passed).toBeGreaterThan(44_000_000);
  });
});

describe('a watch on a cluster whose members fail', () => {
  let cluster: EtcdCluster;
  let root: EtcdRoot;

  beforeEach(async () => {
    cluster = await startEtcd({ members: 3, peerRelays: true });
    root = new EtcdRoot(cluster);
  });
  afterEach(async () => {
    await root.dispose();
    await cluster.stop();
  });

  it('delivers every event once and in order when the leader is killed while 1,000 are written', async () => {
    const writer = await root.connect();
    const watcher = await root.connect();
    const acknowledged: bigint[] = [];
    const leader = await cluster.leader();
    const watch = watcher.watch('e/', { afterRevision: 0n });
    const seeing = takeUntil(watch, (change) => change.key === 'e/last');

    let next = 0;
    let killed: Promise<void> | undefined;
    const write = async () => {
      for (let index = next++; index < 1_000; index = next++) {
        acknowledged.push(await put(writer, `e/${index}`, String(index)));
        if (acknowledged.length === 300) killed = leader.kill();
      }
    };
    await Promise.all(Array.from({ length: 16 }, write));
    await killed;
    acknowledged.push(await put(writer, 'e/last', ''));

    const seen = await seeing;
    expect(seen.map((batch) => batch.revision)).toEqual(acknowledged.sort(ascending));
    const keys = seen.flatMap((batch) => batch.changes.map((change) => change.key));
    expect(new Set(keys).size).toBe(1_001);
  });

  it('moves on when the member that it is connected to is frozen', async () => {
    const { watch, member, direct } = await watchThroughOneOf(cluster.members.slice(0, 2));
    member.freeze();
    const missed = await put(direct, 'e/missed', '');
    const [batch] = await takeBatches(watch, 1);
    expect(batch?.revision).toBe(missed);
    member.resume();
  });

  it('moves on when the member that it is connected to is cut off from the others', async () => {
    const { watch, member, direct } = await watchThroughOneOf(cluster.members.slice(0, 2));
    await cluster.isolate(member);
    const missed = await put(direct, 'e/missed', '');
    const [batch] = await takeBatches(watch, 1);
    expect(batch?.revision).toBe(missed);
    cluster.reunite();
  });

  /** A watch that could use each of the members, and the one that it does use; `direct` uses the third. */
  async function watchThroughOneOf(
    members: readonly EtcdMember[],
  ): Promise<{ watch: AsyncIterableIterator<WatchBatch>; member: EtcdMember; direct: Coordinator }> {
    const direct = await root.connect({ endpoints: cluster.endpoints.slice(2) });
    const relays = await Promise.all(members.map((member) => root.relay(member.clientPort)));
    const watcher = await root.connect({ endpoints: relays.map(({ address }) => address) });
    const watch = watcher.watch('e/', { afterRevision: (await put(direct, 'e/first', '')) - 1n });
    await watch.next();
    const member = members[relays.findIndex(({ connections }) => connections > 0)];
    if (member === undefined) throw new Error('The watch uses no relay.');
    return { watch, member, direct };
  }
});
