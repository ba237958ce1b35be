import { expect, test } from 'vitest';
import type { Connection, Message } from '../../../src/sdk/connection.js';
import { documents } from '../../../src/sdk/generated/documents.js';
import { OverflowError } from '../../../src/sdk/errors.js';
import { Watch } from '../../../src/sdk/watch.js';

interface Subscribed {
  readonly send: (message: Message) => void;
  readonly fail: (error: unknown) => void;
  ended: boolean;
}

/** A watch of groups, and each subscription that it makes. */
async function watchGroups(): Promise<{ watch: Watch; subscriptions: Subscribed[]; ends: () => number }> {
  const subscriptions: Subscribed[] = [];
  let ends = 0;
  const connection = {
    pauseMs: 0,
    worthAnotherTry: () => Promise.resolve(),
    subscribe: (
      _query: string,
      _variables: object,
      sink: { next: (m: Message) => void; error: (e: unknown) => void },
    ) => {
      const made: Subscribed = { send: (m) => sink.next(m), fail: (e) => sink.error(e), ended: false };
      subscriptions.push(made);
      return () => void (made.ended = true);
    },
  } as unknown as Connection;
  const watch = new Watch(connection, documents.watchGroups, {}, null);
  watch.start(undefined, () => ends++);
  await expect.poll(() => subscriptions.length).toBe(1);
  return { watch, subscriptions, ends: () => ends };
}

const group = (number: number): Message => ({ data: { groupStatus: { number } } });

test('ten thousand values wait to be read; then the subscription ends and says why', async () => {
  const { watch, subscriptions, ends } = await watchGroups();
  const [first] = subscriptions;
  for (let number = 1; number <= 10_001; number++) first!.send(group(number));
  for (let number = 1; number <= 10_000; number++) {
    expect((await watch.next()).value).toEqual({ number });
  }
  await expect(watch.next()).rejects.toBeInstanceOf(OverflowError);
  expect(await watch.next()).toEqual({ done: true, value: undefined });
  expect([first!.ended, subscriptions.length, ends()]).toEqual([true, 1, 1]);
});

test('readers that came before the values get them in order', async () => {
  const { watch, subscriptions } = await watchGroups();
  const reads = [watch.next(), watch.next()];
  subscriptions[0]!.send(group(1));
  subscriptions[0]!.send(group(2));
  expect((await Promise.all(reads)).map(({ value }) => value)).toEqual([{ number: 1 }, { number: 2 }]);
  const left = [watch.next(), watch.next()];
  await watch.return();
  expect(await Promise.all(left)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('what passes is tried again; what does not, ends it', async () => {
  const { watch, subscriptions } = await watchGroups();
  const read = watch.next();
  subscriptions[0]!.fail([{ message: 'why', extensions: { code: 'NO_LEADER' } }]);
  await expect.poll(() => subscriptions.length).toBe(2);
  subscriptions[1]!.send(group(1));
  expect((await read).value).toEqual({ number: 1 });
  subscriptions[1]!.fail([{ message: 'why', extensions: { code: 'INTERNAL', errorId: 'e1' } }]);
  await expect(watch.next()).rejects.toMatchObject({ code: 'INTERNAL', errorId: 'e1' });
});
