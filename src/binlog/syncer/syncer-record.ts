import { z } from 'zod';
import { Collection } from '../../cluster/collection.js';
import { sourceFactsRecord, type SourceFacts } from './source-facts.js';
import { TLS_MODES } from './source-options.js';

/** What the syncer is to do; passwords and keys are sealed. */
export const syncerRecord = z.object({
  isWanted: z.boolean(),
  /** Decimal: what we are to the source, and to our own slaves. */
  serverId: z.string(),
  serverUuid: z.string(),
  sourceAddress: z.string(),
  user: z.string(),
  sealedPassword: z.string(),
  semiSync: z.boolean(),
  /** Null: whatever the source is. */
  flavour: z.enum(['MYSQL', 'MARIADB']).nullable(),
  tls: z.object({
    mode: z.enum(TLS_MODES),
    ca: z.string().nullable(),
    cert: z.string().nullable(),
    sealedKey: z.string().nullable(),
  }),
  startAfterGtidSet: z.string().nullable(),
  /** Whether the source need not have all that the journal has, see `checkSource`. */
  mayLack: z.boolean(),
  /** What is passed over: GTIDs, and FILE:POSITION at the source of what has none. */
  skips: z.array(z.string()).default([]),
});
export type SyncerRecord = z.infer<typeof syncerRecord>;

/** What we are to sources and to our own slaves. */
export const identityRecord = z.object({ serverId: z.string(), serverUuid: z.string() });
export type IdentityRecord = z.infer<typeof identityRecord>;

/** Why a syncer is not tried any more, as long as its record is the one of that revision. */
export const haltRecord = z.object({ syncerRevision: z.string(), reason: z.string() });
export type HaltRecord = z.infer<typeof haltRecord>;

export const syncerCollections = {
  syncer: new Collection<SyncerRecord>('syncer/', syncerRecord),
  /** Outlives the record of the syncer when that is forgotten. */
  identity: new Collection<IdentityRecord>('syncer-identity/', identityRecord),
  halt: new Collection<HaltRecord>('syncer-halt/', haltRecord),
  source: new Collection<SourceFacts>('syncer-source/', sourceFactsRecord),
};

/** There is one syncer in a cluster. */
export const SYNCER_ID = 'settings';
export const SYNCER_KEY = syncerCollections.syncer.key(SYNCER_ID);
export const IDENTITY_KEY = syncerCollections.identity.key(SYNCER_ID);
export const HALT_KEY = syncerCollections.halt.key(SYNCER_ID);
export const SOURCE_KEY = syncerCollections.source.key(SYNCER_ID);

/** What its password and its key are bound to. */
export const SYNCER_PASSWORD_CONTEXT = 'syncer/password';
export const SYNCER_KEY_CONTEXT = 'syncer/tls-key';
