import type { Throughput, ThroughputSample } from '../../cluster/throughput.js';
import { pullStream } from './pull-stream.js';

/** All samples that are kept, then those that have come since the client took the last ones. */
export function throughputStream(throughput: Throughput): AsyncIterableIterator<ThroughputSample[]> {
  let seen: Date | null = null;
  return pullStream({
    open: (wake) => throughput.subscribe(wake),
    next: () => {
      const samples = throughput.samples.filter(({ at }) => seen === null || at > seen);
      if (samples.length === 0 && seen !== null) return undefined;
      seen = samples.at(-1)?.at ?? new Date(0);
      return samples;
    },
  });
}
