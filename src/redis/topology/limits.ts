import { refuse } from '../../common/refused.js';
import type { Proposals, Proposed } from '../../cluster/proposals.js';
import { topologyCollections as collections, type MigrationLimits } from './records.js';
import type { Topology } from './topology.js';

/** What may be changed: absent leaves as it is, null lifts a limit that may be lifted. */
export type LimitChanges = { readonly [K in keyof MigrationLimits]?: MigrationLimits[K] | null | undefined };

/** Changes the limits of all moves, those under way included. */
export function setMigrationLimits(
  topology: Topology,
  proposals: Proposals,
  changes: LimitChanges,
  actor: string,
): Promise<Proposed | null> {
  for (const [name, value] of Object.entries(changes)) {
    if (value !== null && value !== undefined && value < 1) {
      refuse('INVALID_INPUT', name, `${name} is at least 1, or null for no limit.`);
    }
  }
  return proposals.run(() => {
    const stored = topology.view.get(collections.limits, 'limits');
    const before = topology.limits();
    const after: MigrationLimits = {
      keysPerSecond: changes.keysPerSecond === undefined ? before.keysPerSecond : changes.keysPerSecond,
      bytesPerSecond: changes.bytesPerSecond === undefined ? before.bytesPerSecond : changes.bytesPerSecond,
      sourceLatencyMs:
        changes.sourceLatencyMs === undefined ? before.sourceLatencyMs : changes.sourceLatencyMs,
      slotsPerBatch: changes.slotsPerBatch ?? before.slotsPerBatch,
      parallelPairs: changes.parallelPairs ?? before.parallelPairs,
      maxKeyBytes: changes.maxKeyBytes ?? before.maxKeyBytes,
    };
    if (JSON.stringify(after) === JSON.stringify(before)) return null;
    return {
      conditions: [{ key: collections.limits.key('limits'), modRevision: stored?.revision ?? 0n }],
      operations: [{ put: collections.limits.key('limits'), value: collections.limits.encode(after) }],
      action: {
        type: 'SETTINGS_CHANGED',
        description: `Limits of moves: ${describe(after)}`,
        target: 'migration-limits',
        actor,
      },
    };
  });
}

/** For people, such as `any number of keys a second, …, 256 slots at a time`. */
function describe(limits: MigrationLimits): string {
  const rate = (value: number | null, what: string): string =>
    value === null ? `any number of ${what} a second` : `${value} ${what} a second`;
  const { sourceLatencyMs, slotsPerBatch, parallelPairs, maxKeyBytes } = limits;
  return [
    rate(limits.keysPerSecond, 'keys'),
    rate(limits.bytesPerSecond, 'bytes'),
    sourceLatencyMs === null
      ? 'any latency of the source'
      : `slower above ${sourceLatencyMs} ms at the source`,
    `${slotsPerBatch} slots at a time`,
    `${parallelPairs} pairs of groups at a time`,
    `keys of up to ${maxKeyBytes} bytes`,
  ].join(', ');
}
