import { join } from 'node:path';
import { BinlogService } from '../binlog/member/binlog-service.js';
import type { BinlogServiceOptions } from '../binlog/member/binlog-parts.js';
import type { ServeConfig } from '../config/options.js';

/** The binlog store's part of a member, as the configuration wants it. */
export function createBinlogService(
  config: ServeConfig,
  parts: Pick<
    BinlogServiceOptions,
    'coordinator' | 'view' | 'proposals' | 'secrets' | 'membership' | 'network' | 'calls' | 'self' | 'log'
  >,
): BinlogService {
  return new BinlogService({
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
