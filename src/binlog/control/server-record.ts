import { z } from 'zod';
import { Collection } from '../../cluster/collection.js';

/** A binlog server as it is to be; password and key are sealed. */
export const binlogServerRecord = z.object({
  isWanted: z.boolean(),
  /** The member that it runs on; null: every member. */
  member: z.string().nullable(),
  /** `host:port` to listen at. */
  address: z.string(),
  user: z.string(),
  sealedPassword: z.string(),
  /** Null: TLS is not offered. */
  tls: z
    .object({
      /** REQUIRED: clients that do not use it are not let in. */
      mode: z.enum(['PREFERRED', 'REQUIRED']).default('PREFERRED'),
      ca: z.string().nullable(),
      /** Null: each member makes its own. */
      cert: z.string().nullable(),
      sealedKey: z.string().nullable(),
    })
    .nullable(),
});
export type BinlogServerRecord = z.infer<typeof binlogServerRecord>;

export const binlogServerCollections = {
  servers: new Collection<BinlogServerRecord>('binlog-servers/', binlogServerRecord),
};

/** What the sealed parts of a record are bound to. */
export function serverPasswordContext(name: string): string {
  return `binlog-server/${name}/password`;
}

export function serverKeyContext(name: string): string {
  return `binlog-server/${name}/tls-key`;
}
