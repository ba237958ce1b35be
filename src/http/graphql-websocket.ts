import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  GraphQLError,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import type { ConnectionInitMessage, SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Caller } from '../api/auth.js';
import type { Services } from '../api/context.js';
import { formatError } from '../api/errors.js';
import { limitRules, MAX_TOKENS } from '../api/limits.js';
import { tooCostly } from '../api/query-cost.js';
import { subscribeShared } from '../api/subscriptions/shared-execution.js';
import type { Logger } from '../telemetry/logger.js';
import { errorMessage } from '../common/errors.js';
import { DocumentCache } from './document-cache.js';
import type { HttpRefusals } from './refusals.js';
import { StalledSockets } from './stalled-sockets.js';
import { refuseForeignOrigin, type Authenticator } from './authenticator.js';

/** Close code of graphql-ws for a client that may not, or no longer, be here. */
const FORBIDDEN = 4403;

/** How often the rights of connected clients are looked at again, in milliseconds. */
const RECHECK_INTERVAL_MS = 5_000;

/** How many subscriptions one websocket may have; each costs a little with every change. */
const MAX_SUBSCRIPTIONS = 100;

const MAX_MESSAGE_BYTES = 256 * 1024;
const KEEP_ALIVE_MS = 12_000;

const STALL_MS = 10_000;

/** How long a client may take to answer the goodbye before its connection is cut, in milliseconds. */
const GOODBYE_MS = 1_000;

export interface WebsocketOptions {
  readonly server: Server;
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly authenticator: Authenticator;
  /** Whether the cluster has let this process in. */
  readonly isMember: () => boolean;
  readonly loopbackOnly: boolean;
  readonly refusals: HttpRefusals;
  /** How long a client may read nothing while something waits for it, in milliseconds. */
  readonly stallMs?: number;
  readonly log: Logger;
}

type ConnectionExtra = Extra & { caller?: Caller } & Record<PropertyKey, unknown>;

/**
 * Subscriptions over a websocket. graphql-ws does not go through Apollo, so what Apollo does for HTTP is
 * done here once more, with the same functions: authentication, limits, masking of errors.
 */
export function createGraphqlWebsocket(options: WebsocketOptions): { stop(): Promise<void> } {
  const { server, path, schema, services, authenticator, isMember, loopbackOnly, refusals, log } = options;
  const wss = new WebSocketServer({
    // Given the server, it would take the server's own errors, a port in use for instance, for its own.
    noServer: true,
    path,
    maxPayload: MAX_MESSAGE_BYTES,
    verifyClient: ({ req }, done: (ok: boolean, code?: number, reason?: string) => void) => {
      const foreign = refuseForeignOrigin(req.headers, loopbackOnly);
      if (foreign === undefined) return done(true);
      refusals.note('foreign-origin', req, foreign);
      done(false, 403, foreign);
    },
  });
  const documents = new DocumentCache();
  const checks = new Map<WebSocket, () => Promise<void>>();
  const disposable = useServer<ConnectionInitMessage['payload'], ConnectionExtra>(
    {
      schema,
      subscribe: subscribeShared,
      // Elsewhere the messages of unexpected errors are shown to clients.
      isProd: true,
      onConnect: async ({ connectionParams, extra }) => {
        if (!isMember()) return false;
        const authorization = bearer(connectionParams);
        try {
          extra.caller = await authenticator.authenticate(authorization);
        } catch (error) {
          refusals.note('unauthenticated', extra.request, errorMessage(error));
          // graphql-ws closes with 4403; a reason would tell a stranger more than it needs.
          return false;
        }
        // A client that left meanwhile will not be seen to leave again.
        if (extra.socket.readyState !== extra.socket.OPEN) return false;
        checks.set(extra.socket, async () => {
          extra.caller = await authenticator.authenticate(authorization);
        });
        extra.socket.once('close', () => checks.delete(extra.socket));
        return true;
      },
      onSubscribe: ({ extra, subscriptions }, _id, payload) =>
        Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS
          ? [
              new GraphQLError(
                `One websocket carries at most ${MAX_SUBSCRIPTIONS} subscriptions; open another.`,
              ),
            ]
          : prepare(schema, documents, payload, { caller: extra.caller, services }),
      onError: ({ extra }, _id, _payload, errors) => {
        noteForbidden(refusals, extra.request, errors);
        return errors.map((error) => formatError(error, log));
      },
      onNext: ({ extra }, _id, _payload, _args, result) => {
        if (!result.errors) return undefined;
        noteForbidden(refusals, extra.request, result.errors);
        const { data = null, errors, extensions } = result;
        return {
          data,
          errors: errors.map((error) => formatError(error, log)),
          ...(extensions && { extensions }),
        };
      },
    },
    wss,
    KEEP_ALIVE_MS,
  );
  // The library writes what a client does wrong to standard error, with a stack.
  wss.on('connection', (socket, request) => {
    socket.removeAllListeners('error');
    socket.on('error', (error) => refusals.note('broken-websocket', request, error.message));
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  };
  server.on('upgrade', upgrade);
  const stalled = new StalledSockets(wss, options.stallMs ?? STALL_MS, log);
  stalled.start();
  const timer = setInterval(() => {
    for (const [socket, check] of checks) check().catch(() => socket.close(FORBIDDEN, 'Forbidden'));
  }, RECHECK_INTERVAL_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      stalled.stop();
      server.off('upgrade', upgrade);
      const cut = setTimeout(() => wss.clients.forEach((client) => client.terminate()), GOODBYE_MS);
      await disposable.dispose();
      clearTimeout(cut);
    },
  };
}

/** What execution needs, or the errors to answer with. */
function prepare(
  schema: GraphQLSchema,
  documents: DocumentCache,
  { query, operationName, variables }: SubscribePayload,
  context: { caller: Caller | undefined; services: Services },
): ExecutionArgs | readonly GraphQLError[] {
  try {
    const known = documents.get(query);
    const document = known ?? parse(query, { maxTokens: MAX_TOKENS });
    const operation = getOperationAST(document, operationName);
    if (!operation) return [new GraphQLError('The document does not say which operation to run.')];
    if (operation.operation !== 'subscription') {
      return [new GraphQLError('Over the websocket only subscriptions are run; send this one over HTTP.')];
    }
    if (!known) {
      const errors = validate(schema, document, [...specifiedRules, ...limitRules]);
      if (errors.length > 0) return errors;
      documents.add(query, document);
    }
    const costly = tooCostly(schema, document, operation, variables, context.services);
    if (costly !== null) return [costly];
    return { schema, document, operationName, variableValues: variables, contextValue: context };
  } catch (error) {
    return [error instanceof GraphQLError ? error : new GraphQLError('The document cannot be parsed.')];
  }
}

function noteForbidden(
  refusals: HttpRefusals,
  request: IncomingMessage,
  errors: readonly GraphQLError[],
): void {
  const forbidden = errors.find(({ extensions }) => extensions['code'] === 'FORBIDDEN');
  if (forbidden) refusals.note('forbidden', request, forbidden.message);
}

/** Both spellings, because playgrounds send their headers as connection parameters. */
function bearer(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'];
  return typeof value === 'string' ? value : undefined;
}
