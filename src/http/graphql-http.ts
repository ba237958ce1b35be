import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { GraphQLError, type FormattedExecutionResult, type GraphQLSchema } from 'graphql';
import type { ApiContext, Services } from '../api/context.js';
import { formatError } from '../api/errors.js';
import { errorMessage } from '../common/errors.js';
import { tooCostly } from '../api/query-cost.js';
import { MAX_ANSWER_BYTES, stringifyInSlices } from '../api/stringify.js';
import { limitRules, MAX_TOKENS } from '../api/limits.js';
import type { Logger } from '../telemetry/logger.js';
import type { Authenticator } from './authenticator.js';
import type { HttpRefusals } from './refusals.js';

/** The request is for the log. */
type HttpContext = ApiContext & { readonly request: IncomingMessage };

export interface GraphqlHttp {
  readonly handler: RequestHandler;
  stop(): Promise<void>;
}

/** Executing one would fail as if something were broken here. */
const refuseSubscriptions: ApolloServerPlugin<HttpContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ operation }) => {
        if (operation?.operation !== 'subscription') return Promise.resolve();
        const message =
          'Subscriptions are not answered over HTTP: send them over the websocket at the same path (graphql-transport-ws).';
        throw new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
      },
    }),
};

const refuseCostly: ApolloServerPlugin<HttpContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, operation, request, contextValue }) => {
        const error = operation
          ? tooCostly(schema, document, operation, request.variables, contextValue.services)
          : null;
        if (error !== null) throw error;
        return Promise.resolve();
      },
    }),
};

async function stringify(result: FormattedExecutionResult): Promise<string> {
  const text = await stringifyInSlices(result);
  if (text !== null) return `${text}\n`;
  const message = `The answer would have more than ${MAX_ANSWER_BYTES} bytes: ask for less at once.`;
  return JSON.stringify({ errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED' } }] });
}

/** Queries and mutations over HTTP. */
export async function createGraphqlHttp(
  schema: GraphQLSchema,
  services: Services,
  authenticator: Authenticator,
  refusals: HttpRefusals,
  log: Logger,
): Promise<GraphqlHttp> {
  const noteForbidden: ApolloServerPlugin<HttpContext> = {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors: ({ errors, contextValue }) => {
          const forbidden = errors.find(({ extensions }) => extensions['code'] === 'FORBIDDEN');
          if (forbidden) refusals.note('forbidden', contextValue.request, forbidden.message);
          return Promise.resolve();
        },
      }),
  };
  const server = new ApolloServer<HttpContext>({
    schema,
    introspection: true,
    // A document that only its hash names could not be told to be a mutation, and would not be forwarded.
    persistedQueries: false,
    validationRules: [...limitRules],
    plugins: [refuseSubscriptions, refuseCostly, noteForbidden],
    stringifyResult: stringify,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: (_formatted, error) => formatError(error, log),
    includeStacktraceInErrorResponses: false,
    // Two shutdowns would race: ours closes the listener first and drains it.
    stopOnTerminationSignals: false,
    logger: log,
  });
  await server.start();
  return {
    handler: expressMiddleware(server, {
      context: async ({ req }) => {
        try {
          const caller = await authenticator.authenticate(req.headers.authorization);
          return { caller, services, request: req };
        } catch (error) {
          refusals.note('unauthenticated', req, errorMessage(error));
          throw error;
        }
      },
    }),
    stop: () => server.stop(),
  };
}
