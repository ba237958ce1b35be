import type { ActionSpec, FieldSpec } from './action.js';

const FORCE: FieldSpec = {
  name: 'force',
  label: 'Also what an attached slave has not been sent',
  kind: 'check',
  role: 'ADMIN',
  help: 'Such a slave has to be provisioned anew.',
};

const SHARED = {
  method: 'purgeJournal',
  hasPreview: true,
  destroys: { name: 'purge' },
  note: 'Removes the oldest files of the journal at all members, never the newest.',
} as const;

export const PURGE_BY_SIZE: ActionSpec = {
  ...SHARED,
  title: 'Purge the journal by size',
  label: 'Purge by size',
  fields: [
    {
      name: 'keepBytes',
      label: 'Keep at least so many bytes',
      kind: 'text',
      isRequired: true,
      placeholder: '10737418240',
    },
    FORCE,
  ],
};

export const RESTART_JOURNAL: ActionSpec = {
  method: 'restartJournalAfter',
  title: 'Restart the journal',
  label: 'Restart',
  role: 'ADMIN',
  hasPreview: true,
  destroys: { name: 'restart' },
  note: 'Sets the journal aside at all members, and begins an empty one in its place: for a source that was reset, say.',
  fields: [
    {
      name: 'gtidSet',
      label: 'Begin after GTID set',
      kind: 'area',
      help: 'What the dump that replicas are made from has. Empty: it begins with the first transaction of all.',
    },
  ],
};

export const PURGE_BY_AGE: ActionSpec = {
  ...SHARED,
  title: 'Purge the journal by age',
  label: 'Purge by age',
  fields: [{ name: 'olderThan', label: 'Files that end before', kind: 'time', isRequired: true }, FORCE],
};
