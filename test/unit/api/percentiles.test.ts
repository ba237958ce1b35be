import 'reflect-metadata';
import { describe, expect, test } from 'vitest';
import { LatencyDistributionFields } from '../../../src/api/resolvers/statistics.js';
import { LatencyDistribution } from '../../../src/api/types/statistics.js';
import { LatencyHistogram } from '../../../src/redis/latency-histogram.js';

const empty = Object.assign(new LatencyDistribution(), {
  histogram: new LatencyHistogram(),
  samples: 0,
  meanMs: null,
});

describe('percentiles', () => {
  test.each([[[-1]], [[100.1]], [Array.from({ length: 21 }, () => 50)]])(
    '%j are refused with what is allowed',
    (shares) => {
      expect(() => new LatencyDistributionFields().percentiles(empty, shares)).toThrow(
        'Percentiles are at most 20 numbers from 0 to 100.',
      );
    },
  );

  test('of no request are null', () => {
    expect(new LatencyDistributionFields().percentiles(empty, [0, 100])).toEqual([
      { of: 0, valueMs: null },
      { of: 100, valueMs: null },
    ]);
  });
});
