import type { Group } from '../../../sdk/browser.js';
import type { ActionSpec, FieldSpec } from './action.js';

export interface SlotSelection {
  readonly from: number;
  readonly to: number;
}

export function nameOf({ from, to }: SlotSelection): string {
  return from === to ? `slot ${from}` : `slots ${from}-${to}`;
}

function groupField(name: string, label: string, groups: readonly Group[]): FieldSpec {
  return {
    name,
    label,
    kind: 'choice',
    isRequired: true,
    choices: [
      { value: '', label: 'choose…' },
      ...groups.map(({ number, slotCount }) => ({
        value: String(number),
        label: `group ${number} (${slotCount} slots)`,
      })),
    ],
  };
}

const SPEED: FieldSpec = {
  name: 'speed',
  label: 'How fast',
  kind: 'choice',
  choices: [
    { value: 'GENTLE', label: 'as fast as clients hardly feel' },
    { value: 'FAST', label: 'as fast as it can' },
  ],
};

export const INIT_SLOTS: ActionSpec = {
  method: 'initSlots',
  title: 'Create the slots',
  note: 'All 1024, without a group: requests are answered with an error until they are assigned.',
  fields: [],
};

export function moveSlots(selection: SlotSelection, groups: readonly Group[]): ActionSpec {
  return {
    method: 'moveSlots',
    title: `Move ${nameOf(selection)}`,
    label: 'Move',
    fixed: { ...selection },
    hasPreview: true,
    note: 'With their keys, while clients keep working.',
    fields: [asNumber(groupField('targetGroup', 'To', groups)), SPEED],
  };
}

export function assignSlots(selection: SlotSelection, groups: readonly Group[]): ActionSpec {
  return {
    method: 'assignSlots',
    title: `Assign ${nameOf(selection)}`,
    label: 'Assign',
    fixed: { ...selection },
    destroys: { name: nameOf(selection), onlyForced: true },
    note: 'Gives slots that have no group to one, without moving data.',
    fields: [
      asNumber(groupField('group', 'To', groups)),
      {
        name: 'force',
        label: 'Also slots that have a group',
        kind: 'check',
        role: 'ADMIN',
        help: 'Their keys stay behind, where nobody finds them.',
      },
      {
        name: 'keysAtTarget',
        label: 'Keys that the group holds already',
        kind: 'choice',
        choices: [
          { value: 'REFUSE', label: 'change nothing when there are any' },
          { value: 'KEEP', label: 'serve them' },
          { value: 'DISCARD', label: 'remove them first' },
        ],
      },
      {
        name: 'acceptDataLoss',
        label: 'Give up the old owners',
        kind: 'check',
        role: 'ADMIN',
        help: 'Forced only, for owners that never come back: what clients had written there and was not copied is lost.',
      },
    ],
  };
}

export const REBALANCE: ActionSpec = {
  method: 'rebalanceSlots',
  title: 'Rebalance the slots',
  label: 'Rebalance',
  hasPreview: true,
  note: 'Moves slots until no group has two more than another.',
  fields: [SPEED],
};

/** A choice among numbers. */
function asNumber(field: FieldSpec): FieldSpec {
  return { ...field, isNumber: true };
}
