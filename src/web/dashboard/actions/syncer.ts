import type { Syncer } from '../../../sdk/browser.js';
import type { ActionSpec, FieldSpec } from './action.js';
import { tlsFields } from './tls-fields.js';

/** Ours must be unlike those of all servers in the replication. */
function freshServerId(): string {
  return String(1_000_000_000 + Math.floor(Math.random() * 3_000_000_000));
}

const PASSWORD: FieldSpec = { name: 'password', label: 'Password', kind: 'password' };

const START_AFTER: FieldSpec = {
  name: 'startAfterGtidSet',
  label: 'Start after GTID set',
  kind: 'area',
  help: 'For an empty journal: what the dump that replicas are made from has. Empty: all that the source still has.',
};

export function startSyncer(syncer: Syncer | null): ActionSpec {
  const isNew = syncer?.serverId == null;
  return {
    method: 'startSyncer',
    title: 'Start the syncer',
    label: 'Start',
    note: 'The source is tried first (login, settings, GTIDs); nothing is written when it cannot be followed.',
    fields: [
      {
        name: 'sourceAddress',
        label: 'Source',
        kind: 'text',
        isRequired: true,
        placeholder: 'HOST:PORT',
        initial: syncer?.sourceAddress ?? '',
      },
      {
        name: 'user',
        label: 'User',
        kind: 'text',
        isRequired: true,
        initial: syncer?.user ?? '',
        help: 'An account there with REPLICATION SLAVE and REPLICATION CLIENT.',
      },
      { ...PASSWORD, isRequired: true },
      {
        name: 'serverId',
        label: 'Our server_id',
        kind: 'text',
        isRequired: true,
        initial: syncer?.serverId ?? freshServerId(),
        help: 'Unlike that of any server in the replication.',
      },
      {
        name: 'serverUuid',
        label: 'Our server_uuid',
        kind: 'text',
        isRequired: true,
        initial: syncer?.serverUuid ?? freshUuid(),
      },
      {
        name: 'semiSync',
        label: 'Semi-synchronous',
        kind: 'check',
        initial: syncer?.semiSync ?? false,
        help: 'The source waits until its transactions are committed here, if it has that switched on.',
      },
      ...tlsFields(true),
      ...(isNew ? [START_AFTER] : []),
    ],
  };
}

export const STOP_SYNCER: ActionSpec = {
  method: 'stopSyncer',
  title: 'Stop the syncer',
  label: 'Stop',
  note: 'The connection to the source ends until it is started again. The journal is served on.',
  fields: [
    {
      name: 'forget',
      label: 'Also forget its settings',
      kind: 'check',
      help: 'Its password and key too. The journal stays.',
    },
  ],
};

export const SKIP_TRANSACTION: ActionSpec = {
  method: 'skipTransaction',
  title: 'Skip a transaction',
  label: 'Skip',
  role: 'ADMIN',
  hasPreview: true,
  destroys: { name: 'skip' },
  note: "For what cannot be replicated, as the syncer's state names it. Fill in one of the two.",
  fields: [
    { name: 'gtid', label: 'GTID', kind: 'text' },
    {
      name: 'position',
      label: 'Position, when it has no GTID',
      kind: 'text',
      placeholder: 'binlog.000007:4711',
    },
  ],
};

export function switchSource(syncer: Syncer): ActionSpec {
  return {
    method: 'switchSource',
    title: 'Switch the source',
    hasPreview: true,
    destroys: { name: 'switch', onlyForced: true },
    note: 'To a source with the same history. What is left empty stays as it is.',
    fields: [
      {
        name: 'sourceAddress',
        label: 'New source',
        kind: 'text',
        isRequired: true,
        placeholder: syncer.sourceAddress ?? 'HOST:PORT',
      },
      { name: 'user', label: 'User', kind: 'text', placeholder: syncer.user ?? '' },
      PASSWORD,
      ...tlsFields(true),
      {
        name: 'force',
        label: 'Although it lacks transactions that the journal has',
        kind: 'check',
        role: 'ADMIN',
        help: 'They stay in the journal and in its replicas; the new source never has them.',
      },
    ],
  };
}

/** In plain HTTP, browsers have no `crypto.randomUUID`. */
function freshUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
