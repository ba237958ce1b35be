import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../src/redis/latency-histogram.js';

describe('the latency histogram', () => {
  it('is 0 without samples', () => {
    expect(new LatencyHistogram().percentile(0.99)).toBe(0);
  });

  it('gives percentiles that are at most an eighth too high', () => {
    const histogram = new LatencyHistogram();
    for (let i = 1; i <= 10_000; i++) histogram.record(i / 10);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = share * 1000;
      expect(histogram.percentile(share)).toBeGreaterThanOrEqual(exact);
      expect(histogram.percentile(share)).toBeLessThanOrEqual(exact * 1.126 + 0.01);
    }
    expect(histogram.samples).toBe(10_000);
  });

  it('takes any duration', () => {
    const histogram = new LatencyHistogram();
    for (const duration of [-1, 0, 0.0001, 1e12]) histogram.record(duration);
    expect(histogram.percentile(1)).toBeGreaterThan(1e6);
  });
});
