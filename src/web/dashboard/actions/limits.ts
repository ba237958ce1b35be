import type { MigrationLimits } from '../../../sdk/browser.js';
import type { ActionSpec } from './action.js';

/** The present ones filled in; what is emptied is no limit. */
export function setLimits(limits: MigrationLimits): ActionSpec {
  const text = (value: number | string | null): string => (value === null ? '' : String(value));
  return {
    method: 'setMigrationLimits',
    title: 'Limits of moves',
    label: 'Change',
    role: 'ADMIN',
    note: 'They hold for moves that are under way, too. Empty: no limit.',
    fields: [
      {
        name: 'keysPerSecond',
        label: 'Keys per second and source server',
        kind: 'number',
        isNullable: true,
        initial: text(limits.keysPerSecond),
      },
      {
        name: 'bytesPerSecond',
        label: 'Bytes per second and source server',
        kind: 'text',
        isNullable: true,
        initial: text(limits.bytesPerSecond),
      },
      {
        name: 'sourceLatencyMs',
        label: 'Slow down above this latency, in ms',
        kind: 'number',
        isNullable: true,
        initial: text(limits.sourceLatencyMs),
      },
      {
        name: 'slotsPerBatch',
        label: 'Slots that change hands together',
        kind: 'number',
        isRequired: true,
        initial: text(limits.slotsPerBatch),
      },
      {
        name: 'parallelPairs',
        label: 'Pairs of groups at a time',
        kind: 'number',
        isRequired: true,
        initial: text(limits.parallelPairs),
      },
      {
        name: 'maxKeyBytes',
        label: 'Largest key that is moved, in bytes',
        kind: 'text',
        isRequired: true,
        initial: text(limits.maxKeyBytes),
      },
    ],
  };
}
