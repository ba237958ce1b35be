import { join } from 'node:path';
import { BinlogHalf, type BinlogHalfOptions } from '../binlog/member/binlog-half.js';
import type { ServeConfig } from '../config/options.js';

/** The binlog half as the configuration wants it. */
export function createBinlogHalf(
  config: ServeConfig,
  parts: Pick<
    BinlogHalfOptions,
    'coordinator' | 'view' | 'proposals' | 'secrets' | 'membership' | 'network' | 'calls' | 'self' | 'log'
  >,
): BinlogHalf {
  return new BinlogHalf({
    ...parts,
    directory: join(config.dataDir, 'journal'),
    tlsDirectory: join(config.dataDir, 'binlog-tls'),
    segmentBytes: config.journalSegmentBytes,
    stepDownMs: 2 * config.sessionTtlMs,
    catchUpLimit: { bytesPerSecond: config.journalCatchUpRate },
    keepBytes: config.journalKeepBytes,
    keepHours: config.journalKeepHours,
  });
}
