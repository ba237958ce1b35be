import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pace } from '../../../src/redis/migration/pace.js';
import type { Answered, ClientsOfServer } from '../../../src/redis/topology/request-statistics.js';

const never = new AbortController().signal;
const usual: Answered = { samples: 5_000, meanMs: 0.4, p99Ms: 2 };
const hurt: Answered = { samples: 5_000, meanMs: 4, p99Ms: 20 };
const nobody: Answered = { samples: 0, meanMs: 0, p99Ms: 0 };

let clients: ClientsOfServer | null;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  clients = { recent: usual, lately: usual };
});
afterEach(() => void vi.useRealTimers());

/** What a move that works a millisecond at a time gets of so many seconds, as a share. */
async function shareOf(pace: Pace, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let worked = 0;
  const move = async (): Promise<void> => {
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      worked++;
      await pace.rest(1, never);
    }
  };
  const moving = move();
  await vi.advanceTimersByTimeAsync(seconds * 1_000 + 1_000);
  await moving;
  return worked / (seconds * 1_000);
}

describe('a move that is held back', () => {
  test('takes less of its source while clients wait longer than before, and more when they do not', async () => {
    const pace = new Pace('10.0.0.1:6379', 'GENTLE', () => clients);
    const before = await shareOf(pace, 3);
    clients = { recent: hurt, lately: hurt };
    await shareOf(pace, 8);
    const during = await shareOf(pace, 3);
    expect(during).toBeLessThan(before * 0.6);
    expect(pace.describe()).toMatch(
      /^It takes 9 % of the time of 10\.0\.0\.1:6379, .* 4\.00 ms \(0\.40 ms before/,
    );
    clients = { recent: usual, lately: usual };
    await shareOf(pace, 20);
    expect(await shareOf(pace, 3)).toBeGreaterThan(during * 2);
  });

  test('goes on, however long clients wait', async () => {
    const pace = new Pace('10.0.0.1:6379', 'GENTLE', () => clients);
    clients = { recent: { ...hurt, meanMs: 10_000 }, lately: hurt };
    await shareOf(pace, 60);
    expect(await shareOf(pace, 10)).toBeGreaterThan(0.08);
  });

  test('is not while the source has no clients, nor when it is to be fast', async () => {
    clients = { recent: nobody, lately: nobody };
    const idle = new Pace('10.0.0.1:6379', 'GENTLE', () => clients);
    expect(await shareOf(idle, 3)).toBeGreaterThan(0.95);
    expect(idle.describe()).toBeNull();
    clients = { recent: hurt, lately: usual };
    expect(await shareOf(new Pace('10.0.0.1:6379', 'FAST', () => clients), 3)).toBeGreaterThan(0.95);
  });

  test('learns what is usual from clients that come when it has begun', async () => {
    clients = null;
    const pace = new Pace('10.0.0.1:6379', 'GENTLE', () => clients);
    await shareOf(pace, 2);
    clients = { recent: usual, lately: usual };
    await shareOf(pace, 4);
    expect(pace.describe()).toContain('(0.40 ms before the move)');
  });
});
