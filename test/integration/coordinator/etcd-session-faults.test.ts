import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { campaign, SessionLostError, type Coordinator } from '../../../src/coordinator/index.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { TestProcess } from '../../harness/servers/process.js';
import type { TcpRelay } from '../../harness/servers/tcp-relay.js';
import { EtcdRoot } from './etcd-fixture.js';
import { aborted, put, takeUntil } from './harness.js';

const KEY = 'leader';
const HOLDER = new URL('./etcd-holder.ts', import.meta.url).pathname;

describe('a session whose holder loses etcd', () => {
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
      outcomeTimeoutMs: 3_000,
    });
    direct = await root.connect();
  });
  afterEach(async () => {
    await root.dispose();
  });

  it.each(['cut', 'silence'] as const)(
    'stops holding before etcd gives its key away, when the connection is lost (%s)',
    async (fault) => {
      const session = await cutOff.openSession(3_000);
      const leadership = await campaign(cutOff, KEY, 'one', session);
      const order: string[] = [];
      leadership.signal.addEventListener('abort', () => order.push('the holder stops'));
      const watch = direct.watch(KEY, { afterRevision: leadership.epoch });

      relay[fault]();
      await takeUntil(watch, (change) => change.type === 'delete');
      order.push('etcd deletes the key');

      expect(order).toEqual(['the holder stops', 'etcd deletes the key']);
      expect(leadership.isHeld()).toBe(false);
      expect(session.isAlive()).toBe(false);
      expect(session.signal.reason).toBeInstanceOf(SessionLostError);
    },
  );

  it('lasts although etcd was slow to grant it, so that little of its time is left at the beginning', async () => {
    const patient = await root.connect({ endpoints: [relay.address], callTimeoutMs: 4_000 });
    relay.silence();
    const opening = patient.openSession(3_000);
    await pause(2_000);
    relay.restore();
    const session = await opening;
    await pause(1_500);
    expect(session.isAlive()).toBe(true);
  });

  it('hands over to a candidate that never holds together with it', async () => {
    const first = await campaign(cutOff, KEY, 'one', await cutOff.openSession(2_000));
    const second = campaign(direct, KEY, 'two', await direct.openSession(2_000));
    relay.cut();

    const successor = await second;

    expect(first.isHeld()).toBe(false);
    expect(successor.isHeld()).toBe(true);
    expect(successor.epoch).toBeGreaterThan(first.epoch);
  });

  /** A process of its own that holds the key, and says so. */
  function startHolder(ttlMs: number, hangMs = 0) {
    let onLine: (line: string) => void = () => undefined;
    const holder = new TestProcess({
      command: process.execPath,
      args: [
        ...['--import', 'tsx', HOLDER, cluster.first.endpoint, root.root, KEY],
        ...[String(ttlMs), String(hangMs)],
      ],
      onLine: (line) => onLine(line),
    });
    /** The first answer to a question that was asked at that time or later. */
    const answerSince = (time: number) =>
      new Promise<string | undefined>((resolve) => {
        onLine = (line) => {
          const [askedAt, answer] = line.split(' ');
          if (Number(askedAt) >= time) resolve(answer);
        };
      });
    return { holder, answerSince };
  }

  it('is kept while the event loop of its holder hangs for three times as long as it may go unrenewed', async () => {
    const { holder, answerSince } = startHolder(2_000, 6_000);
    expect(await answerSince(0), holder.output).toBe('hangs');
    const won = await direct.get(KEY);

    expect(await answerSince(Date.now() + 1), holder.output).toBe('held');

    expect(won).toBeDefined();
    expect(await direct.get(KEY)).toEqual(won);
    await holder.end();
  });

  it('ends when the event loop of its holder has hung for longer than ten seconds', async () => {
    const { holder, answerSince } = startHolder(2_000, 20_000);
    expect(await answerSince(0), holder.output).toBe('hangs');
    const after = (await direct.read('')).revision;
    const answer = answerSince(Date.now() + 1);

    await takeUntil(direct.watch(KEY, { afterRevision: after }), (change) => change.type === 'delete');

    expect(await answer, holder.output).toBe('lost');
    await holder.end();
  });

  it('is known to be over, in a process that was stopped meanwhile, before anything else is done', async () => {
    const { holder, answerSince } = startHolder(2_000);
    expect(await answerSince(0), holder.output).toBe('held');
    const after = (await direct.read('')).revision;

    holder.signal('SIGSTOP');
    await takeUntil(direct.watch(KEY, { afterRevision: after }), (change) => change.type === 'delete');
    const answer = answerSince(Date.now());
    holder.signal('SIGCONT');

    expect(await answer).toBe('lost');
    await holder.end();
  });

  it('lives on through interruptions that are shorter than its margin', async () => {
    const session = await cutOff.openSession(3_000);
    await cutOff.commit({ conditions: [], operations: [{ put: 'mine', value: '', session }] });
    for (let round = 0; round < 12; round += 1) {
      relay.dropAll();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(session.isAlive()).toBe(true);
    expect(await direct.get('mine')).toBeDefined();
  });

  it('learns that etcd has ended it', async () => {
    const session = await direct.openSession(3_000);
    await direct.commit({ conditions: [], operations: [{ put: 'mine', value: '', session }] });
    await cluster.first.ctl('lease', 'revoke', BigInt(session.id).toString(16));
    await aborted(session.signal);
    expect(session.isAlive()).toBe(false);
    expect(await direct.get('mine')).toBeUndefined();
  });

  it('learns from a refused write that etcd has ended it, and nothing is written', async () => {
    const session = await direct.openSession(600_000);
    await cluster.first.ctl('lease', 'revoke', BigInt(session.id).toString(16));
    const write = direct.commit({
      conditions: [],
      operations: [
        { put: 'mine', value: '', session },
        { put: 'other', value: '' },
      ],
    });
    await expect(write).rejects.toBeInstanceOf(SessionLostError);
    expect(session.isAlive()).toBe(false);
    expect((await direct.read('')).entries).toEqual([]);
  });

  it('recognises a key that it won by a write whose answer was lost', async () => {
    const session = await cutOff.openSession(10_000);
    await put(cutOff, 'first', '');
    relay.judge = (chunk) => {
      if (!chunk.includes('candidate-one')) return 'forward';
      relay.judge = () => 'forward';
      return 'forwardAndMute';
    };
    const leadership = await campaign(cutOff, KEY, 'candidate-one', session);
    expect((await direct.get(KEY))?.createRevision).toBe(leadership.epoch);
    expect(leadership.isHeld()).toBe(true);
  });

  it('takes over from a leadership under the same session that could not be resigned', async () => {
    const session = await cutOff.openSession(20_000);
    const first = await campaign(cutOff, KEY, 'one', session);
    relay.cut();
    const resigning = first.resign();
    expect(first.isHeld()).toBe(false);
    await resigning;
    relay.restore();
    expect((await direct.get(KEY))?.createRevision).toBe(first.epoch);

    const second = await campaign(cutOff, KEY, 'one', session);

    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect((await direct.get(KEY))?.createRevision).toBe(second.epoch);
  });
});
