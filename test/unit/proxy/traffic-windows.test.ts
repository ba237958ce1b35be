import { describe, expect, test } from 'vitest';
import { kindIndex, kindOfMigrateError, kindOfReply } from '../../../src/redis/proxy/error-replies.js';
import { BackendError } from '../../../src/redis/proxy/backend/backend-error.js';
import { Counters } from '../../../src/redis/proxy/stats.js';
import { TrafficWindows } from '../../../src/redis/proxy/traffic-windows.js';
import { error } from '../../../src/redis/proxy/resp/encode.js';

const SERVER = '10.0.0.1:6379';

describe('windows of what a proxy counts', () => {
  const tally = (counters: Counters) => counters.tally(0, 0);

  test('forget what is older than they reach back, each by itself', () => {
    const counters = new Counters();
    const windows = new TrafficWindows(tally(counters), 0);
    for (let second = 1; second <= 1_200; second++) {
      // The first minute was slow.
      counters.of(SERVER).latency.record(second <= 60 ? 500 : 1);
      counters.unknownCommands++;
      windows.take(tally(counters), second * 1_000);
      if (second === 70) {
        const { SECONDS_10, MINUTES_1, MINUTES_15 } = windows.report().windows;
        expect([SECONDS_10.requests, MINUTES_1.requests, MINUTES_15.requests]).toEqual([10, 60, 70]);
        expect([SECONDS_10.seconds, MINUTES_1.seconds, MINUTES_15.seconds]).toEqual([10, 60, 70]);
        expect(SECONDS_10.latencyMs).toBe(10);
        expect(MINUTES_1.latencyMs).toBe(10 + 50 * 500);
      }
    }
    const { windows: last, total } = windows.report();
    expect(last.MINUTES_15).toMatchObject({ requests: 900, seconds: 900, latencyMs: 900 });
    expect(total).toMatchObject({ requests: 1_200, seconds: 1_200, latencyMs: 1_140 + 60 * 500 });
  });

  test('tell errors by kind, and those of a server beside it', () => {
    const counters = new Counters();
    const windows = new TrafficWindows(tally(counters), 0);
    counters.of(SERVER).answeredError(kindIndex('OOM'));
    counters.noteFailure(new BackendError('it is gone', 'UNREACHABLE', SERVER).reply);
    counters.noteFailure(error('CROSSSLOT Keys'));
    windows.take(tally(counters), 1_000);
    const { windows: told, servers } = windows.report();
    expect(told.SECONDS_10.errors).toEqual({ OOM: 1, UNREACHABLE: 1, CROSSSLOT: 1 });
    expect(servers[0]).toMatchObject({ address: SERVER, errors: { OOM: 1, UNREACHABLE: 1 } });
  });

  test('have the last second of each server apart', () => {
    const counters = new Counters();
    const windows = new TrafficWindows(tally(counters), 0);
    for (const [at, took] of [
      [1_000, 1],
      [2_000, 100],
    ] as const) {
      counters.of(SERVER).latency.record(took);
      windows.take(tally(counters), at);
    }
    expect(windows.report().servers[0]!.recent).toMatchObject({ samples: 1, meanMs: 100 });
    windows.take(tally(counters), 3_000);
    expect(windows.report().servers[0]!.recent).toEqual({ samples: 0, meanMs: 0, p99Ms: 0 });
  });

  test('count servers beyond a thousand together', () => {
    const counters = new Counters();
    for (let i = 0; i < 3_000; i++) counters.of(`10.0.0.1:${i}`).latency.record(1);
    const { servers, requests } = tally(counters);
    expect(servers.size).toBe(1_024);
    expect(requests.subarray(0, 256).reduce((sum, count) => sum + count, 0)).toBe(3_000);
  });
});

describe('an error is counted by its first word', () => {
  test.each([
    ['-OOM command not allowed\r\n', 'OOM'],
    ['-NOREPLICAS Not enough good replicas to write.\r\n', 'NOREPLICAS'],
    ['-WRONGPASS invalid username-password pair\r\n', 'NOAUTH'],
    ['-BUSY Redis is busy running a script\r\n', 'BUSY'],
    ['-BUSYKEY Target key name already exists.\r\n', 'OTHER'],
    ['-ERR OOM\r\n', 'OTHER'],
    ['-NOPERM\r\n', 'NOPERM'],
    ['-\r\n', 'OTHER'],
  ] as const)('%j', (reply, kind) => {
    expect(kindOfReply(Buffer.from(reply), 0)).toBe(kindIndex(kind));
  });

  test('and one of MIGRATE by what the target said', () => {
    const oom = 'ERR Target instance replied with error: OOM command not allowed';
    expect(kindOfMigrateError(oom)).toBe('OOM');
    expect(kindOfMigrateError('IOERR error or timeout writing to target instance')).toBe('UNREACHABLE');
    expect(kindOfMigrateError('ERR syntax error')).toBe('OTHER');
  });
});
