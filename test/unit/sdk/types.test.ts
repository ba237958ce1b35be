import { describe, expectTypeOf, test } from 'vitest';
import type { Action, Group, Operation, QuorateClient, Slot } from '../../../src/sdk/index.js';

declare const client: QuorateClient;

/** Checked by `npm run typecheck`; never run. */
export async function doesNotCompile(): Promise<void> {
  // @ts-expect-error a variable is missing
  await client.group();
  // @ts-expect-error a variable has the wrong type
  await client.group({ number: 'one' });
  // @ts-expect-error there is no such variable
  await client.groups({ number: 1 });
  // @ts-expect-error a field of the input is missing
  await client.moveSlots({ input: { from: 0, to: 1 } });
  // @ts-expect-error there is no such field in the input
  await client.createGroup({ input: { number: 1, name: 'one' } });
  // @ts-expect-error there is no such value
  await client.setProxyState({ input: { name: 'p1', state: 'ASLEEP' } });
  // @ts-expect-error there is no such field
  void (await client.cluster()).password;
  // @ts-expect-error it may be null
  void (await client.group({ number: 1 })).number;
  // @ts-expect-error a subscription is no promise
  await client.watchGroups().then();
  // @ts-expect-error answers are not to be changed
  (await client.cluster()).name = 'other';
}

describe('the types of the SDK', () => {
  test('are those of the one field, unwrapped', () => {
    expectTypeOf<QuorateClient['groups']>().returns.resolves.toEqualTypeOf<readonly Group[]>();
    expectTypeOf<QuorateClient['group']>().returns.resolves.toEqualTypeOf<Group | null>();
    expectTypeOf<QuorateClient['watchActions']>().returns.toEqualTypeOf<AsyncIterableIterator<Action>>();
    expectTypeOf<QuorateClient['watchSlots']>().returns.toEqualTypeOf<
      AsyncIterableIterator<readonly Slot[]>
    >();
    type Moved = Awaited<ReturnType<QuorateClient['moveSlots']>>;
    expectTypeOf<Moved['operation']>().toEqualTypeOf<Operation | null>();
  });

  test('have 64-bit numbers as text in answers, and as text or number in input', () => {
    expectTypeOf<Action['revision']>().toEqualTypeOf<string>();
    expectTypeOf<Slot['lastChangedAt']>().toEqualTypeOf<string | null>();
    type Variables = NonNullable<Parameters<QuorateClient['watchActions']>[0]>;
    expectTypeOf<Variables['afterRevision']>().toEqualTypeOf<string | number | null | undefined>();
  });

  test('allow arguments to be left out where the schema does', () => {
    expectTypeOf<QuorateClient['initSlots']>().toBeCallableWith();
    expectTypeOf<QuorateClient['groups']>().toBeCallableWith({}, { signal: AbortSignal.timeout(1) });
  });
});
