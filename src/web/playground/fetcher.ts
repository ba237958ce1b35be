import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { getOperationAST, type ExecutionResult } from 'graphql';

const overHttp = createGraphiQLFetcher({ url: '/graphql' });

/** Queries and mutations by HTTP; subscriptions by websocket, with the same headers as connection parameters. */
export const fetcher: Fetcher = (params, options) => {
  const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
  if (operation?.operation !== 'subscription') return overHttp(params, options);
  return subscribe(params, options?.headers ?? {});
};

/**
 * One connection for each subscription, closed with it: a changed token holds for the next one without a
 * reload.
 */
function subscribe(
  params: Parameters<Fetcher>[0],
  headers: Record<string, unknown>,
): AsyncIterable<ExecutionResult> {
  const url = new URL('/graphql', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const client = createClient({ url: url.href, connectionParams: headers, lazy: true, retryAttempts: 0 });
  return client.iterate({
    query: params.query,
    ...(params.operationName != null && { operationName: params.operationName }),
    ...(params.variables != null && { variables: params.variables as Record<string, unknown> }),
  }) as AsyncIterable<ExecutionResult>;
}
