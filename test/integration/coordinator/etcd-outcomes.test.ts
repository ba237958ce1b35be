import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CoordinatorUnavailableError,
  OutcomeUnknownError,
  type Coordinator,
} from '../../../src/coordinator/index.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import type { TcpRelay, Verdict } from '../../harness/servers/tcp-relay.js';
import { EtcdRoot } from './etcd-fixture.js';
import { put, takeUntil } from './harness.js';

const MARKER = 'the-transaction-in-question';

/**
 * Applies the verdict to the first request that carries the marker; resolves when that has happened. What is to
 * be held is held from its first byte on: etcd counts the deadline from when the headers arrive.
 */
function judgeOnce(relay: TcpRelay, verdict: Verdict, then?: () => void): Promise<void> {
  return new Promise((resolve) => {
    relay.judge = (chunk) => {
      if (!chunk.includes(MARKER)) return verdict === 'hold' ? 'hold' : 'forward';
      relay.judge = () => 'forward';
      then?.();
      resolve();
      return verdict;
    };
  });
}

/** Whether HTTP/2 frames contain the headers of a response (type 1): other frames say nothing about the request. */
function hasResponseHeaders(frames: Buffer): boolean {
  for (let at = 0; at + 9 <= frames.length; at += 9 + frames.readUIntBE(at, 3)) {
    if (frames[at + 3] === 1) return true;
  }
  return false;
}

describe('the outcome of a transaction whose connection is cut', () => {
  let cluster: EtcdCluster;
  let root: EtcdRoot;
  let relay: TcpRelay;
  let cutOff: Coordinator;
  let direct: Coordinator;

  beforeAll(async () => {
    cluster = await startEtcd();
  });
  afterAll(async () => {
    await cluster.stop();
  });
  beforeEach(async () => {
    root = new EtcdRoot(cluster);
    relay = await root.relay();
    cutOff = await root.connect({
      endpoints: [relay.address],
      callTimeoutMs: 1_000,
      outcomeTimeoutMs: 4_000,
    });
    direct = await root.connect();
    // The first transaction opens an outcome key; the ones under test use it.
    await put(cutOff, 'first', '');
  });
  afterEach(async () => {
    await root.dispose();
  });

  const putsOf = async (key: string, last: string, after: bigint) => {
    const batches = await takeUntil(
      direct.watch('', { afterRevision: after }),
      (change) => change.key === last,
    );
    return batches.flatMap((batch) => batch.changes.filter((change) => change.key === key));
  };

  it('is found to be committed, once, when only the answer was lost', async () => {
    const after = (await direct.read('')).revision;
    const judged = judgeOnce(relay, 'forwardAndMute');
    const commit = put(cutOff, 'a', MARKER);
    await judged;
    await takeUntil(direct.watch('a', { afterRevision: after }), (change) => change.key === 'a');
    relay.dropAll();

    const revision = await commit;

    expect((await direct.get('a'))?.modRevision).toBe(revision);
    await put(direct, 'last', '');
    expect(await putsOf('a', 'last', after)).toHaveLength(1);
  });

  it('is found to be committed when the answer never comes on a connection that stays open', async () => {
    await judgeOnceAnd('forwardAndMute', async (commit) => {
      const revision = await commit;
      expect((await direct.get('a'))?.modRevision).toBe(revision);
    });
  });

  it('is found to be nothing when the request was lost, and the transaction is sent again', async () => {
    const after = (await direct.read('')).revision;
    await judgeOnceAnd('cut', async (commit) => {
      const revision = await commit;
      expect((await direct.get('a'))?.modRevision).toBe(revision);
    });
    await put(direct, 'last', '');
    expect(await putsOf('a', 'last', after)).toHaveLength(1);
  });

  it('is judged anew when it is sent again: what was changed meanwhile makes it fail', async () => {
    const original = await put(direct, 'a', 'original');
    const judged = judgeOnce(relay, 'cut', () => relay.cut());
    const commit = cutOff.commit({
      conditions: [{ key: 'a', modRevision: original }],
      operations: [{ put: 'a', value: MARKER }],
    });
    await judged;
    await put(direct, 'a', 'rival');
    relay.restore();

    expect((await commit).committed).toBe(false);
    expect((await direct.get('a'))?.value).toBe('rival');
  });

  it('is committed although its own first attempt has made its condition false', async () => {
    const judged = judgeOnce(relay, 'forwardAndMute');
    const commit = cutOff.commit({
      conditions: [{ key: 'a', modRevision: 0n }],
      operations: [{ put: 'a', value: MARKER }],
    });
    await judged;

    const result = await commit;

    expect(result.committed).toBe(true);
    expect((await direct.get('a'))?.createRevision).toBe(result.revision);
  });

  it('is called unknown when etcd stays away for too long', async () => {
    void judgeOnce(relay, 'forwardAndMute', () => setImmediate(() => relay.silence()));
    await expect(put(cutOff, 'a', MARKER)).rejects.toBeInstanceOf(OutcomeUnknownError);
    relay.dropAll();
    relay.restore();
    await put(cutOff, 'b', 'later transactions take another outcomeKey');
  });

  it('does not change by a request that arrives after it was sent again', async () => {
    const after = (await direct.read('')).revision;
    await judgeOnceAnd('hold', async (commit) => {
      const revision = await commit;
      expect((await direct.get('a'))?.modRevision).toBe(revision);
    });
    await relay.deliverHeld(hasResponseHeaders);
    await put(direct, 'last', '');
    expect(await putsOf('a', 'last', after)).toHaveLength(1);
  });

  it('becomes nothing, once etcd is back, when it was unknown and the request arrives much later', async () => {
    const outcomeKeys = await root.connect({ root: '/quorate/.proposals/' });
    const { revision } = await outcomeKeys.read('');
    const laneDeleted = takeUntil(
      outcomeKeys.watch('', { afterRevision: revision }),
      ({ type }) => type === 'delete',
    );
    void judgeOnce(relay, 'hold', () => setImmediate(() => relay.cut()));
    await expect(put(cutOff, 'a', MARKER)).rejects.toBeInstanceOf(OutcomeUnknownError);

    relay.restore();
    await laneDeleted;
    await relay.deliverHeld(hasResponseHeaders);

    expect(await direct.get('a')).toBeUndefined();
  });

  it('is certain, and nothing, when there was no connection to send it on', async () => {
    relay.cut();
    await expect(cutOff.get('a')).rejects.toBeInstanceOf(CoordinatorUnavailableError);
    const commit = put(cutOff, 'a', MARKER);
    await expect(commit).rejects.toBeInstanceOf(CoordinatorUnavailableError);
    await expect(commit).rejects.toThrow(relay.address);
    expect(await direct.get('a')).toBeUndefined();
  });

  it('stays certain over many cuts at random moments', async () => {
    const after = (await direct.read('')).revision;
    const counted = new Map<string, bigint>();
    let cutting = true;
    const cutter = (async () => {
      while (cutting) {
        relay.dropAfterReplies = Math.floor(Math.random() * 3_000);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    })();
    await Promise.all(
      Array.from({ length: 8 }, async (_unused, writer) => {
        for (let index = 0; index < 40; index += 1) {
          const key = `k/${writer}/${index}`;
          const result = await cutOff.commit({
            conditions: [{ key, modRevision: 0n }],
            operations: [{ put: key, value: MARKER }],
          });
          // A key that only we write: a refusal would be our own first attempt, mistaken for a rival's.
          expect(result.committed).toBe(true);
          counted.set(key, result.revision);
        }
      }),
    );
    cutting = false;
    await cutter;
    await put(direct, 'last', '');

    const batches = await takeUntil(direct.watch('', { afterRevision: after }), ({ key }) => key === 'last');
    const seen = batches.flatMap((batch) => batch.changes).filter((change) => change.key.startsWith('k/'));
    expect(seen).toHaveLength(320);
    expect(new Map(seen.map((change) => [change.key, change.modRevision]))).toEqual(counted);
  });

  it('does not depend on outcome keys that an operator takes away', async () => {
    await cluster.first.ctl('del', '--prefix', '/quorate/.proposals/');
    await put(cutOff, 'a', '1');
    const leases = (await cluster.first.ctl('lease', 'list'))
      .split('\n')
      .filter((line) => /^[0-9a-f]{16}$/.test(line));
    for (const lease of leases) await cluster.first.ctl('lease', 'revoke', lease);
    await put(cutOff, 'a', '2');
    expect((await direct.get('a'))?.value).toBe('2');
  });

  it('leaves no outcome key behind when the client stops', async () => {
    await put(direct, 'a', '1');
    expect(await outcomeKeys()).not.toBe('');
    await cutOff.stop();
    await direct.stop();
    expect(await outcomeKeys()).toBe('');
  });

  async function outcomeKeys(): Promise<string> {
    return (await cluster.first.ctl('get', '--prefix', '--keys-only', '/quorate/.proposals/')).trim();
  }

  async function judgeOnceAnd(verdict: Verdict, check: (commit: Promise<bigint>) => Promise<void>) {
    const judged = judgeOnce(relay, verdict);
    const commit = put(cutOff, 'a', MARKER);
    await judged;
    await check(commit);
  }
});
