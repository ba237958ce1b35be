import { buildSchema, parse, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import type { ApiContext } from '../../../src/api/context.js';
import { subscribeShared } from '../../../src/api/subscriptions/shared-execution.js';

const schema = buildSchema(
  'type Query { _: Int } type Subscription { tick(by: Int): Tick } type Tick { value: Int }',
);
const document = parse('subscription ($by: Int) { tick(by: $by) { value } }');

interface Ticks {
  readonly source: () => AsyncIterableIterator<unknown>;
  readonly ended: () => number;
}

/** The same event for every subscriber. */
function ticks(event: object): Ticks {
  let ended = 0;
  return {
    ended: () => ended,
    source: () => {
      let given = false;
      let stop: () => void = () => undefined;
      const iterator: AsyncIterableIterator<unknown> = {
        [Symbol.asyncIterator]: () => iterator,
        next: () => {
          if (!given) {
            given = true;
            return Promise.resolve({ done: false, value: event });
          }
          return new Promise((resolve) => (stop = () => resolve({ done: true, value: undefined })));
        },
        return: () => {
          ended++;
          stop();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
      return iterator;
    },
  };
}

async function subscribe(settings: {
  role?: string;
  by?: number;
  source: Ticks;
}): Promise<AsyncIterableIterator<ExecutionResult>> {
  const context = { caller: { name: 'x', role: settings.role ?? 'VIEWER', expiresAt: null } };
  const args: ExecutionArgs = {
    schema,
    document,
    contextValue: context as unknown as ApiContext,
    variableValues: { by: settings.by ?? 1 },
    rootValue: { tick: () => settings.source.source() },
  };
  return (await subscribeShared(args)) as AsyncIterableIterator<ExecutionResult>;
}

test('subscribers who ask the same get one result of one execution; others get their own', async () => {
  let executions = 0;
  const event = {
    tick: () => {
      executions++;
      return { value: executions };
    },
  };
  const source = ticks(event);
  const next = async (settings: { role?: string; by?: number }): Promise<unknown> =>
    (await (await subscribe({ ...settings, source })).next()).value;
  const [first, second] = [await next({}), await next({})];
  expect(first).toEqual({ data: { tick: { value: 1 } } });
  expect(second).toBe(first);
  expect(executions).toBe(1);
  expect(await next({ role: 'ADMIN' })).toEqual({ data: { tick: { value: 2 } } });
  expect(await next({ by: 2 })).toEqual({ data: { tick: { value: 3 } } });
});

test('a subscriber that leaves while nothing happens ends its source at once', async () => {
  const event = { tick: () => ({ value: 1 }) };
  const source = ticks(event);
  const stream = await subscribe({ source });
  await stream.next();
  const waiting = stream.next();
  await stream.return?.();
  expect(await waiting).toMatchObject({ done: true });
  expect(source.ended()).toBe(1);
});

test('what cannot be subscribed to is answered with the errors', async () => {
  const context = { caller: { name: 'x', role: 'VIEWER', expiresAt: null } } as unknown as ApiContext;
  const result = await subscribeShared({
    schema,
    document,
    contextValue: context,
    rootValue: {
      tick: () => {
        throw new Error('no ticks');
      },
    },
  });
  expect(result).toMatchObject({ errors: [{ message: 'no ticks' }] });
});
