import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress, type HostPort } from '../common/address.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import { allows, type Caller, type Role } from '../api/auth.js';
import type { Logger } from '../telemetry/logger.js';
import type { Authenticator } from './authenticator.js';
import { CHALLENGE, HttpRefusals } from './refusals.js';
import { ListenError } from './server.js';

/** As whom members ask proxies. */
export const MEMBER_CALLER: Caller = Object.freeze({ name: 'member', role: 'VIEWER', expiresAt: null });

const MAX_BODY_BYTES = 16 * 1024;
/** Members ask, and those who gather metrics. */
const MAX_CONNECTIONS = 256;
/** How long a request may take to arrive, in milliseconds. */
const TIMEOUTS = { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 1_000 };

export interface AdminAnswer {
  readonly role: Role;
  /** Whether whoever can reach the address is answered, without a token. */
  readonly isOpen?: boolean;
  /** What the answer is when it is a text; JSON otherwise. */
  readonly contentType?: string;
  /** @param body what was sent, undefined when nothing was; not checked yet. A QuorateError becomes a 409, or a 400 for bad input. */
  readonly answer: (body: unknown) => unknown;
}

/**
 * Where members ask a proxy process for its statistics and change its log level; every request carries a token of the
 * cluster's key.
 */
export class ProxyAdminServer {
  private readonly http: Server;

  /** @param answersTo by method and path, `GET /stats`; each answers with plain data */
  constructor(
    private readonly listen: HostPort,
    authenticator: Authenticator,
    answersTo: Readonly<Record<string, AdminAnswer>>,
    log: Logger,
  ) {
    const refusals = new HttpRefusals(log);
    const answers = new Map<string, AdminAnswer>([
      ...Object.entries(answersTo),
      ['GET /healthz', { role: 'VIEWER', answer: () => 'ok' }],
    ]);
    const answer = async (request: IncomingMessage): Promise<[number, string, string?]> => {
      const { headers, method, url = '' } = request;
      const found = answers.get(`${method} ${url}`);
      if (found?.isOpen) return answered(found, await found.answer(undefined));
      const caller = await authenticator.authenticate(headers.authorization).catch(() => undefined);
      if (!caller) {
        refusals.note('unauthenticated', request, 'Only members of the cluster are answered.');
        return [401, '"unauthenticated"'];
      }
      if (!found) return [404, '"not found"'];
      if (!allows(caller, found.role)) {
        refusals.note('forbidden', request, `This needs the role ${found.role}.`);
        return [403, `"this needs the role ${found.role}"`];
      }
      try {
        return answered(found, await found.answer(await bodyOf(request)));
      } catch (error) {
        if (!(error instanceof QuorateError)) throw error;
        const status = error.code === 'INVALID_INPUT' ? 400 : 409;
        return [status, JSON.stringify({ message: errorMessage(error) })];
      }
    };
    this.http = createServer(TIMEOUTS, (request, response) => {
      void answer(request)
        .catch((): [number, string, string?] => [500, '"failed"'])
        .then(([status, body, contentType = 'application/json']) =>
          response
            .writeHead(status, {
              'content-type': contentType,
              ...(status === 401 && CHALLENGE),
            })
            .end(body),
        );
    });
    this.http.maxConnections = MAX_CONNECTIONS;
  }

  /** Where it listens, also when any free port was asked for; after `start`. */
  get address(): HostPort {
    const { port } = this.http.address() as AddressInfo;
    return { host: this.listen.host, port };
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.http.once('error', (error) => reject(new ListenError(formatAddress(this.listen), error)));
      this.http.listen(this.listen.port, this.listen.host, resolve);
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeAllConnections();
    await closed;
  }
}

function answered({ contentType }: AdminAnswer, answer: unknown): [number, string, string?] {
  return contentType === undefined
    ? [200, JSON.stringify(answer ?? null)]
    : [200, String(answer), contentType];
}

/** Undefined when there is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw new QuorateError('INVALID_INPUT', 'The body is too long.');
    pieces.push(piece);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch (cause) {
    throw new QuorateError('INVALID_INPUT', 'The body is no JSON.', { cause });
  }
}
