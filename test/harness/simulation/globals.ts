import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { WorldEvent } from './event-queue.js';
import type { Random } from '../random.js';
import type { World } from './world.js';

type Callback = (...values: unknown[]) => void;

/** A timer as Node.js gives it out. */
class SimulatedTimer {
  event: WorldEvent | null = null;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  cancel(): void {
    if (this.event) this.event.isCancelled = true;
    this.event = null;
  }
}

/** Puts the clock, the timers and the chance of a world in the place of the real ones. @returns how to undo that */
export function installWorld(world: World): () => void {
  const undo: (() => void)[] = [];
  const replace = (target: object, values: object): void => {
    for (const [name, value] of Object.entries(values)) {
      const before = Object.getOwnPropertyDescriptor(target, name);
      Object.defineProperty(target, name, { value, configurable: true, writable: true });
      undo.push(() => {
        if (before) Object.defineProperty(target, name, before);
        else Reflect.deleteProperty(target, name);
      });
    }
  };
  replace(globalThis, { ...timersOf(world), Date: dateOf(world) });
  replace(performance, { now: () => world.now });
  replace(Math, { random: () => world.inner.below(2 ** 30) / 2 ** 30 });
  replace(crypto, { randomUUID: () => uuidOf(world.inner) });
  replace(AbortSignal, { timeout: (ms: number) => timeoutSignal(world, ms) });
  replace(timersPromises, {
    setTimeout: (ms: number, value: unknown, options?: SleepOptions) => sleep(world, ms, value, options),
  });
  syncBuiltinESMExports();
  return () => {
    for (const each of undo.reverse()) each();
    syncBuiltinESMExports();
  };
}

function timersOf(world: World): object {
  const start = (timer: SimulatedTimer, ms: number, call: () => void): SimulatedTimer => {
    timer.event = world.later(Math.max(1, Number(ms) || 1), world.process, call);
    return timer;
  };
  const repeat = (timer: SimulatedTimer, ms: number, call: () => void): SimulatedTimer =>
    start(timer, ms, () => {
      repeat(timer, ms, call);
      call();
    });
  const clear = (timer: unknown): void => {
    if (timer instanceof SimulatedTimer) timer.cancel();
  };
  return {
    setTimeout: (call: Callback, ms = 1, ...values: unknown[]) =>
      start(new SimulatedTimer(), ms, () => call(...values)),
    setInterval: (call: Callback, ms = 1, ...values: unknown[]) =>
      repeat(new SimulatedTimer(), ms, () => call(...values)),
    setImmediate: (call: Callback, ...values: unknown[]) => {
      const timer = new SimulatedTimer();
      timer.event = world.later(0, world.process, () => call(...values));
      return timer;
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
}

/** The day on which a world begins. */
const BEGINNING = 1_795_219_000_000;

function dateOf(world: World): DateConstructor {
  const RealDate = Date;
  return class extends RealDate {
    constructor(...values: unknown[]) {
      super(...((values.length === 0 ? [BEGINNING + world.now] : values) as [number]));
    }

    static override now(): number {
      return BEGINNING + world.now;
    }
  } as unknown as DateConstructor;
}

function timeoutSignal(world: World, ms: number): AbortSignal {
  const controller = new AbortController();
  world.later(ms, world.process, () =>
    controller.abort(new DOMException('It took too long.', 'TimeoutError')),
  );
  return controller.signal;
}

function uuidOf(random: Random): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => random.below(16).toString(16)).join('');
  return [8, 4, 4, 4, 12].map(digits).join('-');
}

interface SleepOptions {
  readonly signal?: AbortSignal;
}

function sleep(world: World, ms: number, value: unknown, { signal }: SleepOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      event.isCancelled = true;
      reject(new DOMException('The operation was aborted', 'AbortError'));
    };
    const event = world.later(Math.max(1, ms), world.process, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
