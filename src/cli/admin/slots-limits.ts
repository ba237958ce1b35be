import type { Command } from 'commander';
import type { MigrationLimits, SetMigrationLimitsInput } from '../../sdk/index.js';
import { bytes } from './format.js';
import { leaf, option } from './leaf.js';
import { limit, wholeNumber } from './parsers.js';
import { fields } from './table.js';

type Limit = number | 'none';

interface LimitOptions {
  readonly keysPerSecond?: Limit;
  readonly bytesPerSecond?: Limit;
  readonly slotsPerBatch?: number;
  readonly parallelPairs?: number;
  readonly sourceLatencyMs?: Limit;
  readonly maxKeyBytes?: number;
}

export function limits(): Command {
  return leaf<[], LimitOptions>({
    name: 'limits',
    description: 'show or change what moves may use up',
    example: 'quorate slots limits --keys-per-second 5000 --source-latency-ms none',
    options: [
      option('--keys-per-second <number>', 'per source server; none: no limit', limit),
      option('--bytes-per-second <number>', 'per source server; none: no limit', limit),
      option('--slots-per-batch <number>', 'how many slots change hands together', wholeNumber),
      option('--parallel-pairs <number>', 'how many pairs of groups move slots at a time', wholeNumber),
      option('--source-latency-ms <number>', 'slow down above it; none: never', limit),
      option('--max-key-bytes <number>', 'the largest key that is moved', wholeNumber),
    ],
    run: async ({ client, options, output, signal }) => {
      const input: SetMigrationLimitsInput = {
        keysPerSecond: unlessNone(options.keysPerSecond),
        bytesPerSecond: unlessNone(options.bytesPerSecond),
        slotsPerBatch: options.slotsPerBatch,
        parallelPairs: options.parallelPairs,
        sourceLatencyMs: unlessNone(options.sourceLatencyMs),
        maxKeyBytes: options.maxKeyBytes,
      };
      if (Object.values(input).every((value) => value === undefined)) {
        return output.show(await client.migrationLimits({}, { signal }), limitsText);
      }
      const payload = await client.setMigrationLimits({ input }, { signal });
      output.show(payload, (value) => (value.limits ? limitsText(value.limits) : ''));
    },
  });
}

function limitsText(value: MigrationLimits): string {
  return fields([
    ['Keys per second', value.keysPerSecond ?? 'none'],
    ['Bytes per second', bytes(value.bytesPerSecond) ?? 'none'],
    ['Slots per batch', value.slotsPerBatch],
    ['Parallel pairs', value.parallelPairs],
    ['Source latency', value.sourceLatencyMs === null ? 'none' : `${value.sourceLatencyMs} ms`],
    ['Largest key', bytes(value.maxKeyBytes)],
  ]);
}

/** What is left out stays; null lifts a limit. */
function unlessNone(value: Limit | undefined): number | null | undefined {
  return value === 'none' ? null : value;
}
