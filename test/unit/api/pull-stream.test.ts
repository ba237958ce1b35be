import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { openStreams, pullStream, statusStream } from '../../../src/api/subscriptions/pull-stream.js';

/** Lets everything that can go on go on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A source that gives numbers as they come. */
function numbers() {
  const events = new EventEmitter();
  const waiting: number[] = [];
  const closed = vi.fn();
  const stream = pullStream<number>({
    open: (wake) => {
      events.on('more', wake);
      return () => {
        events.off('more', wake);
        closed();
      };
    },
    next: () => waiting.shift(),
  });
  const give = (...values: number[]): void => {
    waiting.push(...values);
    events.emit('more');
  };
  return { stream, give, closed, waiting, listeners: () => events.listenerCount('more') };
}

describe('a stream', () => {
  test('opens its source only when the first event is wanted', async () => {
    const { stream, listeners } = numbers();
    await settle();
    expect(listeners()).toBe(0);
    void stream.next();
    await settle();
    expect(listeners()).toBe(1);
    await stream.return?.();
  });

  test('gives every event once and in order, whenever it comes', async () => {
    const { stream, give, waiting } = numbers();
    waiting.push(1);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    give(2, 3);
    expect((await stream.next()).value).toBe(2);
    expect((await stream.next()).value).toBe(3);
    const next = stream.next();
    give(4);
    expect((await next).value).toBe(4);
    await stream.return?.();
  });

  test('takes nothing from its source before the client takes it', async () => {
    const { stream, give, waiting } = numbers();
    const first = stream.next();
    give(1, 2, 3);
    await first;
    await settle();
    expect(waiting).toEqual([2, 3]);
    await stream.return?.();
  });

  test.each(['idle', 'with more to give'])('that is left closes its source, also %s', async (how) => {
    const before = openStreams();
    const { stream, give, closed, listeners } = numbers();
    const first = stream.next();
    give(1);
    await first;
    const pending = how === 'idle' ? stream.next() : undefined;
    if (!pending) give(2);
    await settle();
    expect(openStreams()).toBe(before + 1);
    await stream.return?.();
    await settle();
    expect(closed).toHaveBeenCalledOnce();
    expect(listeners()).toBe(0);
    expect(openStreams()).toBe(before);
    if (pending) expect(await pending).toMatchObject({ done: true });
    expect(await stream.next()).toMatchObject({ done: true });
  });

  test('that is left before it began never opens its source', async () => {
    const { stream, closed, listeners } = numbers();
    await stream.return?.();
    expect(await stream.next()).toMatchObject({ done: true });
    expect(listeners()).toBe(0);
    expect(closed).not.toHaveBeenCalled();
  });

  test('whose source fails ends with the error, closes the source and disturbs nobody', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const before = openStreams();
    const closed = vi.fn();
    let fail = false;
    let wake: () => void = () => undefined;
    const stream = pullStream<number>({
      open: (waker) => {
        wake = waker;
        return closed;
      },
      next: () => {
        if (fail) throw new Error('a defect');
        return undefined;
      },
    });
    const next = stream.next();
    const outcome = expect(next).rejects.toThrow('a defect');
    await settle();
    fail = true;
    wake();
    await outcome;
    expect(closed).toHaveBeenCalledOnce();
    expect(openStreams()).toBe(before);
    expect(await stream.next()).toMatchObject({ done: true });
    await stream.return?.();
    await settle();
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  test('whose source cannot be opened ends with the error', async () => {
    const before = openStreams();
    const stream = pullStream<number>({
      open: () => {
        throw new Error('a defect');
      },
      next: () => 1,
    });
    await expect(stream.next()).rejects.toThrow('a defect');
    expect(openStreams()).toBe(before);
  });
});

describe('a stream of states', () => {
  function fruits(state: Map<string, number>) {
    const events = new EventEmitter();
    const stream = statusStream<string, string>({
      keys: () => state.keys(),
      present: (key) => (state.has(key) ? `${key}=${state.get(key)}` : undefined),
      subscribe: (changed) => {
        events.on('changed', changed);
        return () => events.off('changed', changed);
      },
    });
    const set = (key: string, value: number): void => {
      state.set(key, value);
      events.emit('changed', key);
    };
    const remove = (key: string): void => {
      state.delete(key);
      events.emit('changed', key);
    };
    return { stream, set, remove };
  }

  test('begins with all that there is, then tells what changed', async () => {
    const { stream, set } = fruits(
      new Map([
        ['apple', 1],
        ['pear', 1],
      ]),
    );
    expect((await stream.next()).value).toBe('apple=1');
    expect((await stream.next()).value).toBe('pear=1');
    set('plum', 1);
    expect((await stream.next()).value).toBe('plum=1');
    await stream.return?.();
  });

  test('tells what changed several times once, as it is when it is taken', async () => {
    const { stream, set, remove } = fruits(new Map([['apple', 1]]));
    await stream.next();
    for (let value = 2; value <= 9; value++) set('apple', value);
    set('pear', 1);
    set('plum', 1);
    remove('plum');
    expect((await stream.next()).value).toBe('apple=9');
    expect((await stream.next()).value).toBe('pear=1');
    const next = stream.next();
    set('apple', 10);
    expect((await next).value).toBe('apple=10');
    await stream.return?.();
  });

  test('does not miss what changes while the first states are sent', async () => {
    const { stream, set } = fruits(
      new Map([
        ['apple', 1],
        ['pear', 1],
      ]),
    );
    await stream.next();
    set('apple', 2);
    expect((await stream.next()).value).toBe('pear=1');
    expect((await stream.next()).value).toBe('apple=2');
    await stream.return?.();
  });
});
