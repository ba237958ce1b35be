import type { Flavour } from '../protocol/gtid/gtid-set.js';
import type { SourceFacts } from '../syncer/source-facts.js';

export interface BinlogFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** A replica as SHOW REPLICAS tells of it. */
export interface ReplicaFacts {
  readonly serverId: number;
  readonly host: string;
  readonly port: number;
  readonly uuid: string;
}

/** What a binlog server can be asked about itself, as it is at the moment of asking. */
export interface ServerFacts {
  readonly flavour: Flavour;
  /** The version of the source, such as `8.4.3` or `10.11.19-MariaDB-log`. */
  readonly version: string;
  /** As it was connected last; null when it never was. */
  readonly source: SourceFacts | null;
  /** Our own, under which the syncer is known to the source. */
  readonly serverId: number;
  readonly serverUuid: string;
  readonly hostName: string;
  readonly port: number;
  /** MySQL: what may be asked for. MariaDB: the binlog state. */
  readonly executedGtidSet: string;
  readonly purgedGtidSet: string;
  /** MariaDB: the last GTID of each domain; empty otherwise. */
  readonly gtidPosition: string;
  /** Up to where there are transactions; null when there are none. */
  readonly end: { readonly file: string; readonly position: number } | null;
  readonly files: readonly BinlogFile[];
  readonly replicas: readonly ReplicaFacts[];
}
