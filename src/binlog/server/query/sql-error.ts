import type { ServerError } from '../../protocol/connection/replies.js';

/** What a client is answered instead of a result; the connection goes on. */
export class SqlError extends Error implements ServerError {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
    this.name = 'SqlError';
  }
}

export const unknownVariable = (name: string): SqlError =>
  new SqlError(1193, 'HY000', `Unknown system variable '${name}'`);

export const unknownFunction = (name: string): SqlError =>
  new SqlError(1305, '42000', `FUNCTION ${name} does not exist`);

export const wrongArgumentCount = (name: string): SqlError =>
  new SqlError(1582, '42000', `Incorrect parameter count in the call to native function '${name}'`);

export const malformedGtidSet = (text: string): SqlError =>
  new SqlError(1772, 'HY000', `Malformed GTID set specification '${text.slice(0, 200)}'.`);

export const unknownCommand = (): SqlError => new SqlError(1047, '08S01', 'Unknown command');

/** Somebody comes without TLS where it is demanded. As MySQL says it; MariaDB would only deny access (1045). */
export const insecureTransport = (): SqlError =>
  new SqlError(
    3159,
    'HY000',
    'Connections using insecure transport are prohibited while --require_secure_transport=ON.',
  );

/** A statement that is none of those with which replicas and their tools prepare a dump. */
export const unsupported = (sql: string): SqlError =>
  new SqlError(
    1105,
    'HY000',
    `This is a binlog server: it has no tables and executes only what replicas ask for, not '${sql.slice(0, 100)}'`,
  );

/** What the binlog cannot be sent for; replicas stop for good on it. */
export const fatalDumpError = (message: string): SqlError => new SqlError(1236, 'HY000', message);
