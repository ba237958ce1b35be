import 'reflect-metadata';
import { describe, expect, test, vi } from 'vitest';
import type { Services } from '../../../src/api/context.js';
import { actionStream } from '../../../src/api/subscriptions/sources.js';
import type { Action } from '../../../src/cluster/feed.js';
import { CompactedError } from '../../../src/coordinator/errors.js';

/** A feed to which actions are added by hand. */
function feed() {
  const actions: Action[] = [];
  const listeners = new Set<() => void>();
  let floor = 0n;
  const add = (revision: bigint, type: Action['value']['type'] = 'GROUP_CHANGED'): void => {
    const value = {
      type,
      description: '',
      actor: 'ops',
      at: '2026-01-01T00:00:00Z',
      target: '',
      receivers: [],
    };
    actions.push({
      id: `${revision}`,
      value: { ...value, proposedBy: 'm1' },
      revision,
      createRevision: revision,
    });
    listeners.forEach((listener) => listener());
  };
  const services = {
    view: { revision: 100n, get: () => undefined },
    feed: {
      all: () => actions,
      after: (revision: bigint) => {
        if (revision < floor) throw new CompactedError(floor);
        return actions.filter((action) => action.createRevision > revision);
      },
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  } as unknown as Services;
  return { services, add, listeners, collect: (revision: bigint) => (floor = revision) };
}

async function take(stream: AsyncIterator<{ revision: bigint }>, count: number): Promise<bigint[]> {
  const revisions: bigint[] = [];
  while (revisions.length < count)
    revisions.push(((await stream.next()).value as { revision: bigint }).revision);
  return revisions;
}

describe('the stream of actions', () => {
  test('resumes after a revision and goes on, each once and in order', async () => {
    const { services, add, listeners } = feed();
    for (const revision of [1n, 2n, 3n]) add(revision);
    const stream = actionStream(services, 1n, undefined);
    expect(await take(stream, 1)).toEqual([2n]);
    add(4n);
    add(5n);
    expect(await take(stream, 3)).toEqual([3n, 4n, 5n]);
    const next = take(stream, 1);
    add(6n);
    expect(await next).toEqual([6n]);
    await stream.return?.();
    expect(listeners.size).toBe(0);
  });

  test('begins with the newest when no revision is given', async () => {
    const { services, add } = feed();
    add(1n);
    add(2n);
    const stream = actionStream(services, undefined, undefined);
    expect(await take(stream, 1)).toEqual([2n]);
    add(3n);
    expect(await take(stream, 1)).toEqual([3n]);
    await stream.return?.();
  });

  test('passes over types that are not wanted', async () => {
    const { services, add } = feed();
    add(1n);
    const stream = actionStream(services, 0n, ['PROXY_CHANGED']);
    const next = take(stream, 1);
    add(2n);
    add(3n, 'PROXY_CHANGED');
    expect(await next).toEqual([3n]);
    await stream.return?.();
  });

  test('ends with COMPACTED when it wants to resume before what was collected', async () => {
    const { services, add, collect, listeners } = feed();
    add(5n);
    collect(4n);
    await expect(actionStream(services, 1n, undefined).next()).rejects.toThrow(CompactedError);
    expect(listeners.size).toBe(0);
  });

  test('waits for a revision that another member knows already, and not for ever for one that there is not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { services, add } = feed();
      const known = actionStream(services, 101n, undefined);
      const next = take(known, 1);
      (services.view as { revision: bigint }).revision = 102n;
      add(102n);
      expect(await next).toEqual([102n]);
      await known.return!();

      const unknown = actionStream(services, 500n, undefined).next();
      const refused = expect(unknown).rejects.toThrow('There is no revision 500 yet: the newest is 102.');
      await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(10_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });
});
