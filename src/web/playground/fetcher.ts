import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { getOperationAST, type ExecutionResult } from 'graphql';

/**
 * Queries and mutations by HTTP; subscriptions by websocket, with the same headers as connection parameters.
 *
 * @param token empty: none; one in the Headers tab goes before it
 */
export function fetcherWith(token: string): Fetcher {
  const overHttp = createGraphiQLFetcher({ url: '/graphql' });
  return (params, options) => {
    const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
    const headers = withToken(options?.headers ?? {}, token);
    if (operation?.operation !== 'subscription') return overHttp(params, { ...options, headers });
    return subscribe(params, headers);
  };
}

function withToken(headers: Record<string, string>, token: string): Record<string, string> {
  const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return token === '' || isGiven ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/**
 * One connection for each subscription, closed with it: a changed token holds for the next one without a
 * reload.
 */
function subscribe(
  params: Parameters<Fetcher>[0],
  headers: Record<string, string>,
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
