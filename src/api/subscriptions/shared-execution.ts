import {
  createSourceEventStream,
  execute,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { ApiContext } from '../context.js';

type Result = ExecutionResult | Promise<ExecutionResult>;

/** By event, then by document, then by what else decides about the result. */
const results = new WeakMap<object, Map<DocumentNode, Map<string, Result>>>();

/**
 * Like graphql's `subscribe`, but an event that many subscribers get is executed once for all of them that
 * asked the same: the same document, variables and role. Nothing else of a caller can make a difference to a
 * result.
 */
export async function subscribeShared(
  args: ExecutionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in events)) return events;
  const source = events[Symbol.asyncIterator]();
  const { role } = (args.contextValue as ApiContext).caller;
  const key = JSON.stringify([role, args.operationName ?? null, args.variableValues ?? null]);
  const results: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => results,
    next: async () => {
      const event = await source.next();
      if (event.done === true) return { done: true, value: undefined };
      return { done: false, value: await executeOnce(args, key, event.value) };
    },
    // Passed on at once: a source that is idle would otherwise be left open.
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return results;
}

function executeOnce(args: ExecutionArgs, key: string, event: unknown): Result {
  const run = (): Result => execute({ ...args, rootValue: event });
  if (typeof event !== 'object' || event === null) return run();
  let byDocument = results.get(event);
  if (!byDocument) results.set(event, (byDocument = new Map()));
  let byKey = byDocument.get(args.document);
  if (!byKey) byDocument.set(args.document, (byKey = new Map()));
  let result = byKey.get(key);
  if (!result) byKey.set(key, (result = run()));
  return result;
}
