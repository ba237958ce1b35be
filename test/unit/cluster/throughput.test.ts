import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { throughputStream } from '../../../src/api/subscriptions/throughput-source.js';
import { Throughput } from '../../../src/cluster/throughput.js';

let offset: number;
let throughput: Throughput;

beforeEach(() => {
  // Streams take their turns by setImmediate, which stays real.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date', 'performance'] });
  offset = 1_000;
  throughput = new Throughput(() => ({
    journalOffset: offset,
    sentBytesPerSecond: 1,
    redisOpsPerSecond: 2,
    redisErrorsPerSecond: 0,
    redisLatencyP50: null,
    redisLatencyP99: null,
  }));
  throughput.start();
});
afterEach(() => {
  throughput.stop();
  vi.useRealTimers();
});

test('a sample says how much the journal grew per second', async () => {
  offset += 5_000;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(throughput.samples.map(({ journalBytesPerSecond }) => journalBytesPerSecond)).toEqual([2_500]);
});

test('a journal that has begun anew is no negative rate', async () => {
  offset = 10;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(throughput.samples[0]!.journalBytesPerSecond).toBe(0);
});

test('a quarter of an hour is kept, and no more', async () => {
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(throughput.samples.length).toBe(450);
  const [first, last] = [throughput.samples[0]!.at, throughput.samples.at(-1)!.at];
  expect(+last - +first).toBe(449 * 2_000);
});

test('whoever follows is given what is kept, then each sample once', async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  const stream = throughputStream(throughput);
  expect((await stream.next()).value.length).toBe(5);
  const next = stream.next();
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await next).value).toEqual(throughput.samples.slice(-1));
  await stream.return!();
});
