import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createConnection, type Connection, type SslOptions } from 'mysql2';
import { formatAddress } from '../../common/address.js';
import { raceAbort } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import { SourceRefusedError, SourceUnavailableError } from './source-error.js';
import type { SourceOptions } from './source-options.js';

/** What the library says when the server cannot do TLS at all, and when the two do not come to terms. */
const NO_TLS = 'HANDSHAKE_NO_SSL_SUPPORT';
const TLS_FAILED = 'HANDSHAKE_SSL_ERROR';

/** Refusals of the source: access denied, host not allowed, authentication impossible, account locked or expired. */
const LOGIN_REFUSED = new Set([1044, 1045, 1130, 1227, 1251, 1396, 1698, 1820, 1862, 2059, 3118, 4151]);

/** In the words of the library: the account proves its password by a plugin that it does not have, or only in clear text. */
const UNKNOWN_PLUGIN = /unknown plugin (\w+)|using (mysql_clear_password)/;

const ANSWER_TIMEOUT_MS = 30_000;

/** Variables and rows are texts or null. */
export type Row = readonly (string | null)[];

/** A login at a source: first for queries, then only for its bytes. */
export class SourceConnection {
  private constructor(
    private readonly connection: Connection,
    private readonly options: SourceOptions,
    /** Whether what is sent is encrypted. */
    readonly isEncrypted: boolean,
  ) {}

  /**
   * @throws SourceRefusedError when the account, or the demand for TLS, is turned down
   * @throws SourceUnavailableError when nobody answers, or somebody else than a MySQL server
   */
  static async open(options: SourceOptions, signal: AbortSignal): Promise<SourceConnection> {
    const { mode } = options.tls;
    if (mode === 'DISABLED') return SourceConnection.log(options, null, signal);
    try {
      return await SourceConnection.log(options, tlsOptions(options), signal);
    } catch (error) {
      // Encryption that cannot be had is preferred, not required: too old a version of TLS counts as none.
      if (mode !== 'PREFERRED' || !isTlsFailure(error)) throw error;
      return SourceConnection.log(options, null, signal);
    }
  }

  private static async log(
    options: SourceOptions,
    ssl: SslOptions | null,
    signal: AbortSignal,
  ): Promise<SourceConnection> {
    const { address, user, password, connectTimeoutMs } = options;
    signal.throwIfAborted();
    const connection = createConnection({
      ...{ host: address.host, port: address.port, user, password },
      ...{ connectTimeout: connectTimeoutMs, rowsAsArray: true, dateStrings: true },
      ...{ supportBigNumbers: true, bigNumberStrings: true },
      ...(ssl !== null && { ssl }),
    });
    if (isIP(address.host) !== 0) checkAgainst(connection, address.host);
    // Without a listener an error that belongs to no query would end the process.
    connection.on('error', () => undefined);
    const connected = new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null ? resolve() : reject(error)));
    });
    try {
      await inTime(connected, options, signal);
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      throw error instanceof SourceUnavailableError ? error : loginFailure(error, options);
    }
    return new SourceConnection(connection, options, ssl !== null);
  }

  /**
   * Rows of texts.
   *
   * @throws SourceUnavailableError when the connection breaks; otherwise the server's own error, with `errno`
   */
  async query(sql: string, signal: AbortSignal): Promise<Row[]> {
    const answered = new Promise<Row[]>((resolve, reject) => {
      this.connection.query({ sql, typeCast: (field) => field.string() }, (error, rows) => {
        if (error === null) resolve(Array.isArray(rows) ? (rows as unknown as Row[]) : []);
        else reject(error.errno === undefined || error.fatal ? this.lost(error) : error);
      });
    });
    return inTime(answered, this.options, signal);
  }

  /** The bytes below, from now on; nothing else may be under way. The library does not look at them any more. */
  takeOver(): Duplex {
    const { stream } = this.connection as unknown as { stream: Duplex };
    stream.removeAllListeners('data');
    return stream;
  }

  destroy(): void {
    this.connection.destroy();
  }

  private lost(error: Error): SourceUnavailableError {
    return new SourceUnavailableError(
      `The connection to the source ${formatAddress(this.options.address)} was lost: ${errorMessage(error)}.`,
      error,
    );
  }
}

/** A server that hangs keeps its connections open. */
async function inTime<T>(
  answer: Promise<T>,
  { address, answerTimeoutMs = ANSWER_TIMEOUT_MS }: SourceOptions,
  signal: AbortSignal,
): Promise<T> {
  const hung = new AbortController();
  const text = `The source ${formatAddress(address)} hangs: it has not answered for ${answerTimeoutMs / 1_000} s.`;
  const timer = setTimeout(() => hung.abort(new SourceUnavailableError(text)), answerTimeoutMs);
  try {
    return await raceAbort(answer, signal, hung.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * An address is no name that a client may announce, so the library announces none, and Node.js then verifies the
 * certificate for what stands here, or else for `localhost`: whoever has one for that could pose as any source.
 */
function checkAgainst(connection: Connection, host: string): void {
  (connection as unknown as { stream: { _host?: string } }).stream._host = host;
}

function tlsOptions({ tls: { mode, ca, cert, key } }: SourceOptions): SslOptions {
  return {
    rejectUnauthorized: mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY',
    verifyIdentity: mode === 'VERIFY_IDENTITY',
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
  };
}

function isTlsFailure(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === NO_TLS || cause?.code === TLS_FAILED;
}

function loginFailure(cause: unknown, options: SourceOptions): Error {
  const { errno, code } = cause as { errno?: number; code?: string };
  const reason = withoutSecret(errorMessage(cause), options.password);
  const source = formatAddress(options.address);
  if (errno !== undefined && LOGIN_REFUSED.has(errno)) {
    return new SourceRefusedError(
      `The source ${source} does not let the user '${options.user}' in: ${reason}. ` +
        'Check user and password, and that the account may connect from this host.',
      cause,
    );
  }
  const [, unknown, clear] = UNKNOWN_PLUGIN.exec(reason) ?? [];
  const plugin = unknown ?? clear;
  if (plugin !== undefined) {
    return new SourceRefusedError(
      `The source ${source} asks the user '${options.user}' to prove its password by the plugin ${plugin}, which Quorate does ` +
        'not speak. Give an account of its own for the syncer there that uses mysql_native_password or caching_sha2_password.',
      cause,
    );
  }
  if (code === NO_TLS) {
    return new SourceRefusedError(
      `The source ${source} offers no TLS, and tls.mode ${options.tls.mode} demands it. ` +
        'Set it up there, or use PREFERRED or DISABLED.',
      cause,
    );
  }
  if (code === TLS_FAILED && /certificate|altnames|verify/i.test(reason)) {
    return new SourceRefusedError(
      `The certificate of the source ${source} is not accepted: ${reason}. Check tls.ca and the host's name.`,
      cause,
    );
  }
  return new SourceUnavailableError(`The source ${source} cannot be reached: ${reason}.`, cause);
}
