import type { Operation } from '../../../sdk/browser.js';
import type { ActionSpec } from './action.js';

/** What may be done with long work as it is. */
export function operationActions({ id, title, state, direction, cancellable }: Operation): ActionSpec[] {
  const shared = { fixed: { id }, fields: [] };
  const pause: ActionSpec = { ...shared, method: 'pauseOperation', title: `Pause: ${title}`, label: 'Pause' };
  const resume: ActionSpec = {
    ...shared,
    method: 'resumeOperation',
    title: `${direction === 'BACK' ? 'Go on with undoing' : 'Resume'}: ${title}`,
    label: direction === 'BACK' ? 'Go on with undoing' : 'Resume',
  };
  const turn: ActionSpec = {
    method: 'resumeOperation',
    title: `Go on forward: ${title}`,
    label: 'Go on forward',
    fixed: { id, direction: 'FORWARD' },
    fields: [],
    note: 'It is being undone. Slots that have keys in both groups turn round once more, and all go where they were to.',
  };
  const cancel: ActionSpec = {
    ...shared,
    method: 'cancelOperation',
    title: `Cancel: ${title}`,
    label: 'Cancel it',
    note: 'Slots under way return with their keys to where they came from; those that have arrived stay.',
  };
  return [
    ...(state === 'RUNNING' || state === 'PENDING' ? [pause] : []),
    ...(state === 'PAUSED' ? [resume] : []),
    ...(direction === 'BACK' && (state === 'PAUSED' || state === 'CANCELLING') ? [turn] : []),
    ...(cancellable ? [cancel] : []),
  ];
}

export const COLLECT_ACTIONS: ActionSpec = {
  method: 'collectActions',
  title: 'Collect old actions',
  label: 'Collect',
  role: 'ADMIN',
  destroys: { name: 'collect' },
  note: 'Forgets all but the newest. A feed that wants to resume before them is told so.',
  fields: [{ name: 'keepLast', label: 'Keep', kind: 'number', isRequired: true, initial: '1000' }],
};
