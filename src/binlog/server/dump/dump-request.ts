import type { Flavour, GtidSet } from '../../protocol/gtid/gtid-set.js';

/** What a client wants to be sent, as its commands and variables say. */
export interface DumpRequest {
  readonly flavour: Flavour;
  /** What it has; null: it goes by file and position. */
  readonly has: GtidSet | null;
  /** Where it starts when it goes by position; an empty name is the first file. */
  readonly file: string;
  readonly position: number;
  /** Ends with the binlog instead of waiting for more. */
  readonly isNonBlocking: boolean;
  /** Whether what we make ourselves has a checksum before a FORMAT_DESCRIPTION has come; null: the client knows of none. */
  readonly withChecksum: boolean | null;
  readonly isSemiSync: boolean;
  /** How long silence lasts before a heartbeat, in milliseconds; 0: never. */
  readonly heartbeatMs: number;
  readonly isHeartbeatV2: boolean;
  /** MariaDB: whether the texts of statements are wanted. */
  readonly wantsAnnotations: boolean;
  /** MySQL: whether transactions whose GTID has a tag are not wanted. */
  readonly skipsTagged: boolean;
}
