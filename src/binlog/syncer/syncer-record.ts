import { z } from 'zod';
import { Collection } from '../../cluster/collection.js';
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
});
export type SyncerRecord = z.infer<typeof syncerRecord>;

export const syncerCollections = {
  syncer: new Collection<SyncerRecord>('syncer/', syncerRecord),
};

/** There is one syncer in a cluster. */
export const SYNCER_ID = 'settings';

/** What its password and its key are bound to. */
export const SYNCER_PASSWORD_CONTEXT = 'syncer/password';
export const SYNCER_KEY_CONTEXT = 'syncer/tls-key';
