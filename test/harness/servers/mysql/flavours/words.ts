import type { Certificates } from '../../certificates.js';

/** Where a replica replicates from, and how. */
export interface SourceOptions {
  readonly port: number;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** The replication account unless told. */
  readonly user?: string;
  readonly password?: string;
  /** Over TLS, the server's certificate verified, the client's own shown when there is one. */
  readonly tls?: Pick<Certificates, 'caFile'> & Partial<Pick<Certificates, 'certFile' | 'keyFile'>>;
  /** By GTID unless a position is given. */
  readonly position?: { readonly file: string; readonly offset: number };
  readonly heartbeatSeconds?: number;
}

/** The state of a replica, the same for all versions. */
export interface ReplicaStatus {
  readonly io: 'running' | 'connecting' | 'stopped';
  readonly sql: 'running' | 'stopped';
  /** Empty when there was none. */
  readonly ioError: string;
  readonly sqlError: string;
  /** Null while it is not known. */
  readonly lagSeconds: number | null;
  /** Where in the source's files it has executed to. */
  readonly executedFile: string;
  readonly executedOffset: number;
  /** What it has executed, itself and of its source. */
  readonly executed: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** How a version speaks of replication. */
export interface ReplicationWords {
  changeSource(source: SourceOptions): string;
  readonly start: string;
  readonly stop: string;
  readonly forget: string;
  readonly status: string;
  /** Selects texts, `error`: what the workers that apply have stopped at, where `status` only refers to that. */
  readonly workerErrors: string | null;
  /** Selects one text, `executed`: the set of all that the server has, written or replicated. */
  readonly executed: string;
  /** Selects one number, `reached`: 1 when the replica has executed all of the set. */
  reached(set: string): string;
  /** Makes a server that was filled from a dump know what it has. */
  startAfter(set: string): readonly string[];
  readonly binaryLogs: string;
  readonly flushLogs: string;
}

/**
 * The options of CHANGE MASTER or of its successor, `prefix` being MASTER or SOURCE: those that differ between
 * versions in nothing else.
 */
export function sourceSettings(prefix: 'MASTER' | 'SOURCE', source: SourceOptions): string[] {
  const { host = '127.0.0.1', port, user, password, tls, position, heartbeatSeconds } = source;
  const settings: Record<string, string | number | undefined> = {
    HOST: quote(host),
    PORT: port,
    USER: quote(user ?? ''),
    PASSWORD: quote(password ?? ''),
    CONNECT_RETRY: 1,
    HEARTBEAT_PERIOD: heartbeatSeconds,
    LOG_FILE: position && quote(position.file),
    LOG_POS: position?.offset,
    ...(tls && {
      SSL: 1,
      SSL_CA: quote(tls.caFile),
      SSL_VERIFY_SERVER_CERT: 1,
      SSL_CERT: tls.certFile && quote(tls.certFile),
      SSL_KEY: tls.keyFile && quote(tls.keyFile),
    }),
  };
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${prefix}_${name} = ${value}`);
}

/**
 * From a row of SHOW SLAVE STATUS or of its successor.
 *
 * @param workerErrors empty when there are none
 */
export function readReplicaStatus(row: Row, workerErrors: string, executed: string): ReplicaStatus {
  const [kind, source] = 'Replica_IO_Running' in row ? ['Replica', 'Source'] : ['Slave', 'Master'];
  const io = String(row[`${kind}_IO_Running`]);
  const lag = row[`Seconds_Behind_${source}`];
  return {
    io: io === 'Yes' ? 'running' : io === 'No' ? 'stopped' : 'connecting',
    sql: row[`${kind}_SQL_Running`] === 'Yes' ? 'running' : 'stopped',
    ioError: String(row['Last_IO_Error']),
    sqlError: workerErrors || String(row['Last_SQL_Error']),
    lagSeconds: lag === null ? null : Number(lag),
    executedFile: String(row[`Relay_${source}_Log_File`]),
    executedOffset: Number(row[`Exec_${source}_Log_Pos`]),
    executed,
  };
}

export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
