import { describe, expect, it } from 'vitest';
import { abortable, pause } from '../../../src/common/async.js';
import { Notifier } from '../../../src/common/notifier.js';
import { Semaphore } from '../../../src/common/semaphore.js';
import { abortableIterator } from '../../../src/coordinator/iteration.js';

const never = new AbortController().signal;

describe('a semaphore', () => {
  it('lets no more in than its limit, and the others in their order', async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    let held = 0;
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (index) => {
        await semaphore.acquire(never);
        held += 1;
        expect(held).toBeLessThanOrEqual(2);
        order.push(index);
        await Promise.resolve();
        held -= 1;
        semaphore.release();
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('forgets who gave up waiting', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire(never);
    const abort = new AbortController();
    const impatient = semaphore.acquire(abort.signal);
    const patient = semaphore.acquire(never);
    abort.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    semaphore.release();
    await patient;
  });
});

describe('waiting', () => {
  it('ends when it is notified or aborted', async () => {
    const notifier = new Notifier();
    const abort = new AbortController();
    const waits = [notifier.wait(abort.signal), notifier.wait(never)];
    abort.abort();
    await waits[0];
    notifier.notify();
    await waits[1];
    await pause(1_000_000, abort.signal);
    await expect(abortable(new Promise(() => undefined), abort.signal)).rejects.toBe(abort.signal.reason);
  });
});

describe('an iterator that can be left', () => {
  async function* waitsForever(signal: AbortSignal): AsyncGenerator<number, void, undefined> {
    yield 1;
    await new Notifier().wait(signal);
  }

  it('ends a pending next when it is left', async () => {
    const iterator = abortableIterator(waitsForever, []);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('yields nothing under a signal that was aborted before', async () => {
    const iterator = abortableIterator(waitsForever, [AbortSignal.abort()]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
