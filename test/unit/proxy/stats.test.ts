import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandIndex } from '../../../src/redis/proxy/commands/table.js';
import { addTallies, Counters, toStats, withoutSessions } from '../../../src/redis/proxy/stats.js';

function counted(latencies: readonly number[], inFlight = 0): { counters: Counters; inFlight: number } {
  const counters = new Counters();
  for (const latency of latencies) {
    counters.of('10.0.0.1:6379').latency.record(latency);
    counters.byCommand[commandIndex('get')]!++;
  }
  return { counters, inFlight };
}

describe('counts of several processes', () => {
  test('give the percentiles of all their requests together, whatever was counted where', () => {
    const latency = fc.double({ min: 0, max: 5_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(latency), { minLength: 1, maxLength: 5 }), (workers) => {
        const tallies = workers.map((latencies) => counted(latencies).counters.tally(0, 0));
        const together = toStats(counted(workers.flat()).counters.tally(0, 0));
        expect(toStats(addTallies(tallies))).toEqual(together);
      }),
    );
  });

  test('are not the averages of their percentiles', () => {
    const busy = counted(Array<number>(990).fill(1)).counters.tally(0, 0);
    const slow = counted(Array<number>(10).fill(1_000)).counters.tally(0, 0);
    expect(toStats(addTallies([busy, slow])).latency.p50Ms).toBeLessThan(2);
    expect(toStats(addTallies([slow, slow])).latency.p50Ms).toBeGreaterThan(900);
  });

  test('keep what a process did that has ended, but not what it had open', () => {
    const { counters } = counted([1, 2, 3]);
    Object.assign(counters, { sessions: 5, sessionsTotal: 9, sessionsRefused: 1, heldSessions: 2 });
    Object.assign(counters, { proxyErrors: 3, serverErrors: 4, unknownCommands: 7 });
    const past = withoutSessions(counters.tally(6, 7));
    expect(toStats(addTallies([past, counters.tally(6, 7)]))).toMatchObject({
      sessions: { current: 5, total: 18n, refused: 2n },
      operations: 20n,
      proxyErrors: 6n,
      serverErrors: 8n,
      inFlight: 6,
      serverConnections: 7,
      heldSessions: 2,
      operationsByCommand: new Map([['get', 6n]]),
      latency: { samples: 6n },
    });
  });
});
