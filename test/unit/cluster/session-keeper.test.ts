import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SessionKeeper } from '../../../src/cluster/session-keeper.js';
import {
  CoordinatorRefusalError,
  CoordinatorUnavailableError,
  SessionLostError,
} from '../../../src/coordinator/errors.js';
import type { Coordinator, Session } from '../../../src/coordinator/types.js';
import { createLogger } from '../../../src/telemetry/logger.js';

const log = createLogger('silent');
const never = new AbortController().signal;

/** A session that can be lost at will. */
function session(id: string): Session & { lose(): void; closed: boolean } {
  const controller = new AbortController();
  const lose = (): void => controller.abort(new SessionLostError('lost'));
  const made = {
    id,
    ttlMs: 1_000,
    closed: false,
    isAlive: () => !controller.signal.aborted,
    get validUntil() {
      return controller.signal.aborted ? 0 : Infinity;
    },
    signal: controller.signal,
    lose,
    close: () => {
      made.closed = true;
      lose();
      return Promise.resolve();
    },
  };
  return made;
}

let opened: ReturnType<typeof session>[];
let failures: Error[];
let registered: string[];
let keeper: SessionKeeper;

beforeEach(() => {
  vi.useFakeTimers();
  [opened, failures, registered] = [[], [], []];
  const openSession = (): Promise<Session> => {
    const next = session(`s${opened.length}`);
    opened.push(next);
    return Promise.resolve(next);
  };
  const register = (given: Session): Promise<void> => {
    const failure = failures.shift();
    if (failure) return Promise.reject(failure);
    registered.push(given.id);
    return Promise.resolve();
  };
  keeper = new SessionKeeper({ openSession } as unknown as Coordinator, 1_000, register, log);
});

afterEach(async () => {
  await keeper.stop();
  vi.useRealTimers();
});

describe('a session keeper', () => {
  test('is registered when it has started', async () => {
    await keeper.start();
    expect(registered).toEqual(['s0']);
    expect(keeper.isAlive()).toBe(true);
    expect((await keeper.current(never)).id).toBe('s0');
  });

  test('does not start when it cannot register, and leaves no session behind', async () => {
    failures.push(new Error('name in use'));
    await expect(keeper.start()).rejects.toThrow('name in use');
    expect(opened.map((each) => each.closed)).toEqual([true]);
    expect(keeper.isAlive()).toBe(false);
  });

  test('starts under another session when one ends before it has registered', async () => {
    failures.push(new SessionLostError('ended'), new CoordinatorUnavailableError('away'));
    const starting = keeper.start();
    await vi.advanceTimersByTimeAsync(10_000);
    await starting;
    expect(registered).toEqual(['s2']);
    expect(opened.map((each) => each.closed)).toEqual([true, true, false]);
  });

  test('does not start when the coordinator refuses', async () => {
    failures.push(new CoordinatorRefusalError('permission denied'));
    await expect(keeper.start()).rejects.toThrow('permission denied');
    expect(opened.map((each) => each.closed)).toEqual([true]);
  });

  test('stops while it waits to start, and leaves no session behind', async () => {
    failures.push(...Array<Error>(100).fill(new CoordinatorUnavailableError('away')));
    const starting = keeper.start();
    const ended = expect(starting).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(100);
    await keeper.stop();
    await ended;
    expect(opened.every((each) => each.closed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('registers anew under another session when the first is lost', async () => {
    await keeper.start();
    expect(keeper.validUntil).toBe(Infinity);
    opened[0]!.lose();
    expect(keeper.isAlive()).toBe(false);
    expect(keeper.validUntil).toBe(0);
    expect((await keeper.current(never)).id).toBe('s1');
    expect(registered).toEqual(['s0', 's1']);
    expect(opened[0]!.closed).toBe(true);
  });

  test('tries until it can register, closing each session that it could not', async () => {
    await keeper.start();
    failures.push(new CoordinatorUnavailableError('away'), new CoordinatorUnavailableError('away'));
    opened[0]!.lose();
    const current = keeper.current(never);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await current).id).toBe('s3');
    expect(opened.map((each) => each.closed)).toEqual([true, true, true, false]);
  });

  test('gives the session to all who wait for it, and leaves nothing with who stopped waiting', async () => {
    await keeper.start();
    failures.push(new CoordinatorUnavailableError('away'));
    opened[0]!.lose();
    const controller = new AbortController();
    const impatient = keeper.current(controller.signal);
    const patient = [keeper.current(never), keeper.current(never)];
    const off = vi.spyOn(EventEmitter.prototype, 'off');
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect(off).toHaveBeenCalledWith('opened', expect.any(Function));
    off.mockRestore();
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await Promise.all(patient)).map((each) => each.id)).toEqual(['s2', 's2']);
  });

  test('closes its session when it stops, also while it waits to try again', async () => {
    await keeper.start();
    failures.push(...Array<Error>(100).fill(new CoordinatorUnavailableError('away')));
    opened[0]!.lose();
    await vi.advanceTimersByTimeAsync(100);
    await keeper.stop();
    expect(opened.every((each) => each.closed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
