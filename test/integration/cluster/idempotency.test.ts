import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ActionFeed } from '../../../src/cluster/feed.js';
import {
  IDEMPOTENCY_KEPT_MS,
  IdempotencyKeys,
  type IdempotentRequest,
} from '../../../src/cluster/idempotency.js';
import { Proposals, type Claim } from '../../../src/cluster/proposals.js';
import { collections } from '../../../src/cluster/records.js';
import type { StateView } from '../../../src/cluster/view.js';
import { refuse } from '../../../src/common/refused.js';
import { SecretBox } from '../../../src/common/secret-box.js';
import { fruits, openStore, openView, type Store } from './fixture.js';

const secrets = new SecretBox(SecretBox.generateKey());
const ALL = [...Object.values(collections), fruits];

let store: Store;
let now: number;
const views: StateView[] = [];

beforeEach(async () => {
  store = await openStore();
  now = Date.parse('2026-01-31T12:00:00Z');
});

afterEach(async () => {
  await Promise.all(views.splice(0).map((view) => view.stop()));
  await store.dispose();
});

/** Opens the parts of one member. Two of these are two members that take themselves for the leader. */
async function openMember(name: string) {
  const { view } = await openView(store.coordinator, ALL);
  views.push(view);
  const proposals = new Proposals(store.coordinator, view, name);
  const keys = new IdempotencyKeys(store.coordinator, view, secrets, () => now);
  const feed = new ActionFeed(view, proposals);
  let drafted = 0;
  /** Counts up how often a fruit was painted. */
  const paint = (request: Partial<IdempotentRequest> = {}) =>
    keys.once(
      { key: 'k1', actor: 'ops', input: ['paint', { fruit: 'apple', password: 'secret-4711' }], ...request },
      {
        change: async (claim: Claim) => {
          const proposed = await proposals.run(() => {
            const color = String(Number(view.get(fruits, 'apple')?.value.color ?? 0) + 1);
            drafted++;
            return {
              conditions: [],
              operations: [{ put: fruits.key('apple'), value: fruits.encode({ color }) }],
              action: {
                type: 'SETTINGS_CHANGED',
                description: 'Painted',
                target: 'fruit/apple',
                actor: 'ops',
              },
              answer: { color },
            };
          }, claim);
          return { proposed, answer: { color: view.get(fruits, 'apple')!.value.color } as unknown };
        },
        again: (first) => first,
      },
    );
  return { view, keys, feed, paint, drafted: () => drafted };
}

const changesOf = (feed: ActionFeed): number => feed.all().length;

describe('a change under a key', () => {
  test('is made once, and answered as the first time', async () => {
    const { paint, feed } = await openMember('m1');
    const first = await paint();
    const again = await paint({ input: ['paint', { password: 'secret-4711', fruit: 'apple' }] });
    expect(again).toEqual(first);
    expect(first.answer).toEqual({ color: '1' });
    expect(changesOf(feed)).toBe(1);
    const other = await paint({ key: 'k2' });
    expect(other.answer).toEqual({ color: '2' });
  });

  test('is made once although it is asked for many times at once', async () => {
    const { paint, feed, drafted } = await openMember('m1');
    const all = await Promise.all(Array.from({ length: 10 }, () => paint()));
    expect(new Set(all.map(({ proposed }) => proposed!.id)).size).toBe(1);
    expect([changesOf(feed), drafted()]).toEqual([1, 1]);
  });

  test('is made once although two members take themselves for the leader', async () => {
    const [one, two] = [await openMember('m1'), await openMember('m2')];
    for (let i = 0; i < 10; i++) {
      const key = `both${i}`;
      const [a, b] = await Promise.all([one.paint({ key }), two.paint({ key })]);
      expect(b.proposed).toEqual({ ...a.proposed });
      expect(a.answer).toEqual({ color: String(i + 1) });
    }
    expect(changesOf(one.feed)).toBe(10);
  });

  test('is known to another member whose view has not come so far', async () => {
    const [one, two] = [await openMember('m1'), await openMember('m2')];
    store.hold();
    const asked = one.paint();
    const answered = two.paint();
    store.release();
    expect((await answered).proposed!.id).toBe((await asked).proposed!.id);
    expect(changesOf(one.feed)).toBe(1);
  });

  test('is refused with another input, and names the key', async () => {
    const { paint, feed } = await openMember('m1');
    await paint();
    const other = paint({ input: ['paint', { fruit: 'apple', password: 'secret-4712' }] });
    await expect(other).rejects.toMatchObject({
      refusals: [{ code: 'CONFLICT', field: 'idempotencyKey', message: /used at 2026-01-31T12:00:00.000Z/ }],
    });
    expect(changesOf(feed)).toBe(1);
  });

  test('has nothing to do with the same key of another actor', async () => {
    const { paint } = await openMember('m1');
    await paint();
    expect((await paint({ actor: 'other', input: 'else' })).answer).toEqual({ color: '2' });
  });

  test('needs no answer of its own besides its proposal', async () => {
    const { keys, view, paint } = await openMember('m1');
    await paint();
    const stored = view.list(collections.idempotency)[0]!;
    const { answer: _, ...value } = stored.value;
    const key = collections.idempotency.key(stored.id);
    await store.putText(key, collections.idempotency.encode(value));
    const input = ['paint', { fruit: 'apple', password: 'secret-4711' }];
    const again = await keys.once(
      { key: 'k1', actor: 'ops', input },
      { change: async () => null, again: ({ proposed }) => proposed.id },
    );
    expect(again).toBe(value.proposal);
  });

  test('that is refused leaves no record, and may be asked for again', async () => {
    const { keys, view, paint } = await openMember('m1');
    const request = { key: 'k1', actor: 'ops', input: 'refused' };
    const refused = keys.once(request, {
      change: async () => refuse('NOT_FOUND', 'id', 'There is none.'),
      again: () => 'made',
    });
    await expect(refused).rejects.toMatchObject({ refusals: [{ code: 'NOT_FOUND' }] });
    expect(view.list(collections.idempotency)).toEqual([]);
    expect((await paint()).answer).toEqual({ color: '1' });
  });

  test('that came to nothing is made anew', async () => {
    const { keys, paint } = await openMember('m1');
    await paint();
    const input = ['paint', { fruit: 'apple', password: 'secret-4711' }];
    const anew = await keys.once(
      { key: 'k1', actor: 'ops', input },
      { change: async () => 'anew', again: () => 'made before', stands: () => false },
    );
    expect(anew).toBe('anew');
  });

  test('stores nothing by which its input could be read or guessed', async () => {
    const { paint } = await openMember('m1');
    await paint({ key: 'key-of-the-caller' });
    const { entries } = await store.coordinator.read('idempotency/');
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries[0]!.key + entries[0]!.value)).not.toMatch(/secret|apple|key-of|ops/);
  });
});

describe('after 24 hours', () => {
  test('the key is free again', async () => {
    const { paint } = await openMember('m1');
    await paint();
    now += IDEMPOTENCY_KEPT_MS - 1;
    expect((await paint()).answer).toEqual({ color: '1' });
    now += 1;
    const later = await paint({ input: 'something else' });
    expect(later.answer).toEqual({ color: '2' });
    expect(await paint({ input: 'something else' })).toEqual(later);
  });

  test('the record is swept, and younger ones stay', async () => {
    const { paint, keys, view } = await openMember('m1');
    await paint();
    now += IDEMPOTENCY_KEPT_MS / 2;
    await paint({ key: 'k2' });
    now += IDEMPOTENCY_KEPT_MS / 2;
    await keys.sweep([]);
    await expect.poll(() => view.list(collections.idempotency).length).toBe(1);
    await keys.sweep([]);
    expect((await paint({ key: 'k2' })).answer).toEqual({ color: '2' });
  });

  test('only who leads sweeps', async () => {
    const { paint, keys } = await openMember('m1');
    await paint();
    now += IDEMPOTENCY_KEPT_MS;
    await keys.sweep([{ key: 'leadership/leader', createRevision: 5n }]);
    expect((await store.coordinator.read('idempotency/')).entries).toHaveLength(1);
  });
});
