import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import type { GraphQLSchema } from 'graphql';
import { formatAddress, isLoopback, type HostPort } from '../common/address.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import type { Services } from '../api/context.js';
import type { Logger } from '../telemetry/logger.js';
import { Metrics, type AnyMetricSource } from '../telemetry/metrics.js';
import { refuseForeignOrigin, type Authenticator } from './authenticator.js';
import { forwardMutations } from './forward.js';
import { createGraphqlHttp, type GraphqlHttp } from './graphql-http.js';
import { createGraphqlWebsocket } from './graphql-websocket.js';
import { memberEndpoints, type MemberEndpoint } from './member-endpoints.js';
import { memberMetrics } from './metrics.js';
import { CHALLENGE, HttpRefusals } from './refusals.js';
import { webPages } from './web-pages.js';

/** A set of GTIDs may have some hundred kilobytes. */
const MAX_BODY = '1mb';

/** How long requests that are under way may take when the server stops, in milliseconds. */
const DRAIN_MS = 5_000;

/** How long a request may take to arrive, head and body, and how often that is looked at, in milliseconds. */
const TIMEOUTS = { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 1_000 };
/** Websockets included. */
const MAX_CONNECTIONS = 4_096;

export class ListenError extends QuorateError {
  constructor(address: string, cause: unknown) {
    super(
      'LISTEN',
      `Cannot listen on ${address}: ${errorMessage(cause)}. Choose another address with --listen.`,
      { cause },
    );
  }
}

export interface HttpServerOptions {
  readonly listen: HostPort;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly isLeader: () => boolean;
  /** Whether tokens are configured; without, only requests to a loopback name are answered. */
  readonly hasTokens: boolean;
  /** Whether the cluster has let this process in: before that it serves nothing. */
  readonly isMember: () => boolean;
  /** What other members and commands may ask. */
  readonly endpoints: readonly MemberEndpoint[];
  /** What it tells Prometheus beside what the API knows. */
  readonly metrics: readonly AnyMetricSource[];
  /** Why this member is not ready to work; empty when it is. */
  readonly notReady: () => readonly string[];
  readonly log: Logger;
}

/** Everything that a member serves on its API port. */
export class HttpServer {
  private readonly http: Server;
  private readonly app = express();
  private readonly refusals: HttpRefusals;
  private graphql: GraphqlHttp | undefined;
  private websocket: { stop(): Promise<void> } | undefined;

  constructor(private readonly options: HttpServerOptions) {
    this.http = createServer(TIMEOUTS, this.app);
    this.http.maxConnections = MAX_CONNECTIONS;
    this.refusals = new HttpRefusals(options.log);
    this.http.on('drop', () =>
      this.refusals.note('too-many-connections', null, `There are ${MAX_CONNECTIONS} connections already.`),
    );
  }

  /** Where it listens; after `start`. */
  get address(): HostPort {
    const { address, port } = this.http.address() as AddressInfo;
    return { host: address, port };
  }

  async start(): Promise<void> {
    const { schema, services, authenticator, isLeader, log, listen, hasTokens } = this.options;
    const { app, refusals } = this;
    app.disable('x-powered-by');
    this.graphql = await createGraphqlHttp(schema, services, authenticator, refusals, log);
    const metrics = new Metrics([...memberMetrics(services), refusals.metric(), ...this.options.metrics]);
    app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'));
    app.get('/readyz', (_request, response) => {
      const reasons = this.options.notReady();
      response.status(reasons.length === 0 ? 200 : 503).type('text/plain');
      response.send(reasons.length === 0 ? 'ready\n' : `${reasons.join('\n')}\n`);
    });
    // Pages and what they load hold nothing that is secret: browsers send the origin with module scripts, too.
    app.use(webPages());
    app.use((request, response, next) => {
      const foreign = refuseForeignOrigin(request.headers, !hasTokens);
      if (foreign === undefined) return next();
      refusals.note('foreign-origin', request, foreign);
      response.status(403).json({ errors: [{ message: foreign, extensions: { code: 'FORBIDDEN' } }] });
    });
    app.get('/metrics', async (request, response) => {
      try {
        await authenticator.authenticate(request.headers.authorization);
      } catch (error) {
        refusals.note('unauthenticated', request, errorMessage(error));
        return void response
          .status(401)
          .set(CHALLENGE)
          .type('text/plain')
          .send(`${errorMessage(error)}\n`);
      }
      response.type(metrics.contentType).send(await metrics.text());
    });
    app.use(memberEndpoints(this.options.endpoints, authenticator, this.options.isMember, refusals));
    app.use('/graphql', (_request, response, next) => {
      if (this.options.isMember()) return next();
      const message = `This process is not a member of the cluster: ${this.options.notReady().join(', ')}.`;
      response.status(503).json({ errors: [{ message, extensions: { code: 'NOT_A_MEMBER' } }] });
    });
    app.use(
      '/graphql',
      express.json({ limit: MAX_BODY }),
      forwardMutations(services, authenticator, isLeader, log),
      this.graphql.handler,
    );
    app.use((request, response) => {
      const what = `${request.method} ${request.path.slice(0, 200)}`;
      response.status(404).type('text/plain').send(`This service knows no ${what}.\n`);
    });
    app.use(answerFailure(log));
    this.websocket = createGraphqlWebsocket({
      server: this.http,
      path: '/graphql',
      schema,
      services,
      authenticator,
      isMember: this.options.isMember,
      loopbackOnly: !hasTokens,
      refusals,
      log,
    });
    await this.listen(listen);
  }

  /** Closes websockets with a goodbye, lets requests finish, then closes what is left. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    await this.websocket?.stop();
    this.http.closeIdleConnections();
    const timer = setTimeout(() => this.http.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(timer);
    await this.graphql?.stop();
  }

  private listen(listen: HostPort): Promise<void> {
    return new Promise((resolve, reject) => {
      this.http.once('error', (error) => reject(new ListenError(formatAddress(listen), error)));
      this.http.listen(listen.port, listen.host, resolve);
    });
  }
}

/** What express itself turns down: a body that is too large or no JSON, a bad path. It would show a stack. */
function answerFailure(log: Logger): ErrorRequestHandler {
  return (error: { status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status !== undefined && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error }, 'A request failed unexpectedly');
    const message = status === 500 ? 'Something went wrong; the log says what.' : errorMessage(error);
    const code = status === 500 ? 'INTERNAL' : 'BAD_REQUEST';
    response.status(status).json({ errors: [{ message, extensions: { code } }] });
  };
}

/**
 * Refuses to be reachable from elsewhere without authentication (docs/threat-model.md, section "Listeners").
 * @param setting what to set to make it acceptable
 */
export function requireAuthenticationBeyondLoopback(
  listen: HostPort,
  configured: boolean,
  setting: string,
): void {
  if (configured || isLoopback(listen.host)) return;
  throw new QuorateError(
    'UNPROTECTED',
    `Refusing to listen on ${formatAddress(listen)} without authentication: others than this machine could reach it. ` +
      `${setting}, or listen on 127.0.0.1.`,
  );
}
