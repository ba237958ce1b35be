import type { ApiContext } from '../context.js';

/** What a subscription's source is given; type-graphql passes the arguments unchecked. */
interface SourceOptions<A> {
  readonly args: A;
  readonly context: ApiContext;
}

/** Ties a source to its arguments' types; type-graphql's own are open. */
export function source<A, T>(open: (options: SourceOptions<A>) => AsyncIterable<T>) {
  return (options: { args: unknown; context: unknown }): AsyncIterable<T> =>
    open(options as SourceOptions<A>);
}
