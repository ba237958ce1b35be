import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import type { RequestHandler } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { ApiContext, Services } from '../api/context.js';
import { formatError } from '../api/errors.js';
import { limitPlugins, limitRules, MAX_TOKENS } from '../api/limits.js';
import type { Logger } from '../telemetry/logger.js';
import type { Authenticator } from './authenticator.js';

export interface GraphqlHttp {
  readonly handler: RequestHandler;
  stop(): Promise<void>;
}

/** Queries and mutations over HTTP. */
export async function createGraphqlHttp(
  schema: GraphQLSchema,
  services: Services,
  authenticator: Authenticator,
  log: Logger,
): Promise<GraphqlHttp> {
  const server = new ApolloServer<ApiContext>({
    schema,
    introspection: true,
    // A document that only its hash names could not be told to be a mutation, and would not be forwarded.
    persistedQueries: false,
    validationRules: [...limitRules],
    plugins: limitPlugins as unknown as ApolloServerPlugin<ApiContext>[],
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
      context: async ({ req }) => ({
        caller: await authenticator.authenticate(req.headers.authorization),
        services,
      }),
    }),
    stop: () => server.stop(),
  };
}
