import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BinlogView } from '../../../src/binlog/control/binlog-view.js';
import type { MemberReport } from '../../../src/binlog/member/member-report.js';
import { MemberWatch } from '../../../src/binlog/member/member-watch.js';
import { ServersEverywhere } from '../../../src/binlog/member/servers-everywhere.js';
import type { ServerRunners } from '../../../src/binlog/member/server-runners.js';
import type { MembershipView } from '../../../src/cluster/membership/membership-view.js';

const RECORD = { id: 'b2', revision: 7n, value: { isWanted: true, member: 'm2' } };

function report(offset: number): MemberReport {
  const slave = {
    ...{
      connectionId: 5,
      serverId: 79,
      serverUuid: null,
      hostName: null,
      address: '127.0.0.1:9',
      user: 'slave',
    },
    ...{ flavour: 'MYSQL' as const, semiSync: false, connectedAt: new Date(0), currentGtid: null },
    ...{ offset, lagBytes: 1, lagSeconds: null, eventsPerSecond: 0, bytesPerSecond: 0 },
  };
  return { servers: [{ name: 'b2', revision: '7', state: 'RUNNING', reason: null, slaves: [slave] }] };
}

/** A member m1 that has a slave of its own at offset 500, and asks m2. */
function watched(answer: () => Promise<unknown>) {
  const servers = [RECORD];
  const membership = {
    members: ['m1', 'm2'].map((name) => ({ name, id: `${name}-id` })),
    byName: (name: string) => ({ name }),
    view: { get: () => ({}) },
  } as unknown as MembershipView;
  const calls = { report: answer, disconnect: () => Promise.reject(new Error('not asked for')) };
  const parts = { servers: () => servers, syncer: () => undefined, start: () => undefined };
  const binlog = parts as unknown as BinlogView;
  const watch = new MemberWatch({ memberName: 'm1', membership, binlog, calls });
  const runners = {
    get: () => undefined,
    neededBy: () => ({ offset: 500, who: 'mine' }),
    onChange: () => () => undefined,
  } as unknown as ServerRunners;
  const everywhere = new ServersEverywhere({ memberName: 'm1', membership, runners, watch, calls });
  return { watch, everywhere, servers, state: () => everywhere.stateOf(RECORD as never) };
}

describe('what other members say of their slaves', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('counts for a minute after they have said it last, and is known not to be new', async () => {
    let answer: () => Promise<unknown> = () => Promise.resolve(JSON.parse(JSON.stringify(report(200))));
    const { watch, everywhere, state } = watched(() => answer());
    const changed: string[] = [];
    everywhere.onChange((server) => changed.push(server));
    watch.start();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(everywhere.neededBy()).toMatchObject({
      offset: 200,
      who: expect.stringMatching(/b2.*at member m2$/),
    });
    expect(state()).toEqual({ state: 'RUNNING', reason: null });
    expect(changed).toEqual(['b2']);

    answer = () => Promise.reject(new Error('connection refused'));
    await vi.advanceTimersByTimeAsync(58_000);
    expect(everywhere.neededBy()).toMatchObject({ offset: 200 });
    expect(everywhere.slavesOf(RECORD as never)).toHaveLength(1);
    expect(state()).toEqual({
      state: 'UNREACHABLE',
      reason: 'Member m2 does not answer: connection refused',
    });
    expect(changed).toEqual(['b2', 'b2']);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(everywhere.neededBy()).toMatchObject({ offset: 500 });
    expect(everywhere.slavesOf(RECORD as never)).toEqual([]);
    expect(changed).toEqual(['b2', 'b2', 'b2']);

    answer = () => Promise.resolve(report(300));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(everywhere.neededBy()).toMatchObject({ offset: 300 });
    await watch.stop();
  });

  test('may be anything until they have said it: they need everything, for a minute', async () => {
    const { watch, everywhere, servers } = watched(() => Promise.reject(new Error('connection refused')));
    watch.start();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(everywhere.neededBy()).toMatchObject({ offset: 0, who: expect.stringContaining('Member m2') });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(everywhere.neededBy()).toMatchObject({ offset: 500 });
    servers.length = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(watch.of('m2')).toBeUndefined();
    await watch.stop();
  });

  test('is not believed when it is none', async () => {
    const { watch, state } = watched(() => Promise.resolve({ servers: [{ name: 'b2' }] }));
    watch.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(state()).toMatchObject({ state: 'UNREACHABLE', reason: expect.stringMatching(/not understand$/) });
    await watch.stop();
  });

  test('is asked for once at a time, however long it takes', async () => {
    let asked = 0;
    const { watch } = watched(() => {
      asked++;
      return new Promise((resolve) => setTimeout(() => resolve(report(1)), 4_500));
    });
    watch.start();
    await vi.advanceTimersByTimeAsync(9_800);
    expect(asked).toBe(2);
    const stopped = watch.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
  });
});
