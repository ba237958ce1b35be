import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StateView, ViewBatch } from '../../../src/cluster/view.js';
import { CompactedError, CoordinatorUnavailableError } from '../../../src/coordinator/index.js';
import { described, fruits, openStore, openView, recordingLog, type Store } from './fixture.js';

let store: Store;
let view: StateView;
let batches: ViewBatch[];

beforeEach(async () => {
  store = await openStore();
  ({ view, batches } = await openView(store.coordinator, [fruits]));
});

afterEach(async () => {
  await view.stop();
  await store.dispose();
});

const colors = (): Record<string, string> =>
  Object.fromEntries(view.list(fruits).map(({ id, value }) => [id, value.color]));

describe('the view', () => {
  test('holds what there was before it started', async () => {
    const revision = await store.put('apple', 'red');
    const late = await openView(store.coordinator, [fruits]);
    expect(late.view.get(fruits, 'apple')).toEqual({
      id: 'apple',
      value: { color: 'red' },
      revision,
      createRevision: revision,
    });
    expect(late.view.revision).toBe(revision);
    expect(late.batches).toEqual([]);
    await late.view.stop();
  });

  test('passes through every revision in order, each in one call, with before and after', async () => {
    await store.put('apple', 'green');
    await store.put('apple', 'red');
    const last = await store.remove('apple');
    await view.waitFor(last);
    expect(batches.map(described)).toEqual([
      ['apple: - -> green'],
      ['apple: green -> red'],
      ['apple: red -> -'],
    ]);
    expect(batches.map((batch) => batch.revision)).toEqual([last - 2n, last - 1n, last]);
  });

  test('shows a whole revision before it tells of any of it', async () => {
    const seen: string[][] = [];
    view.subscribe(() => void seen.push(Object.keys(colors()).sort()));
    const result = await store.coordinator.commit({
      conditions: [],
      operations: ['apple', 'pear', 'plum'].map((id) => ({
        put: fruits.key(id),
        value: fruits.encode({ color: 'green' }),
      })),
    });
    await view.waitFor(result.revision);
    expect(seen).toEqual([['apple', 'pear', 'plum']]);
  });

  test('moves on with changes that are none of its own', async () => {
    await view.waitFor(await store.putText('vegetables/leek', 'x'));
    expect(batches.at(-1)!.changes).toEqual([]);
  });

  test('tells all others of a revision although one of them fails', async () => {
    const { log, lines } = recordingLog();
    const own = await openView(store.coordinator, [fruits], log);
    const heard = vi.fn();
    own.view.subscribe(() => {
      throw new Error('a defect');
    });
    own.view.subscribe(heard);
    await own.view.waitFor(await store.put('apple', 'red'));
    await own.view.waitFor(await store.put('pear', 'green'));
    expect(heard).toHaveBeenCalledTimes(2);
    expect(own.batches).toHaveLength(2);
    expect(lines.map((line) => line['err'])).toMatchObject([
      { message: 'a defect' },
      { message: 'a defect' },
    ]);
    await own.view.stop();
  });

  test('tells nobody who has ended it, even from within the same batch', async () => {
    const heard = vi.fn();
    let end: () => void = () => undefined;
    const endOther = view.subscribe(() => end());
    end = view.subscribe(heard);
    await view.waitFor(await store.put('apple', 'red'));
    endOther();
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('a view whose watch broke', () => {
  test('publishes exactly the differences, together, when history was compacted', async () => {
    await store.put('stays', 'red');
    await store.put('changes', 'red');
    await view.waitFor(await store.put('goes', 'red'));
    batches.length = 0;
    store.hold();
    await store.put('changes', 'green');
    await store.put('comes and goes', 'blue');
    await store.remove('goes');
    await store.remove('comes and goes');
    const last = await store.put('comes', 'yellow');
    store.release(new CompactedError(1n));
    await view.waitFor(last);
    expect(batches.map((batch) => batch.revision)).toEqual([last]);
    expect(described(batches[0]!)).toEqual(['goes: red -> -', 'changes: red -> green', 'comes: - -> yellow']);
    expect(colors()).toEqual({ stays: 'red', changes: 'green', comes: 'yellow' });
    await view.waitFor(await store.put('after', 'white'));
    expect(described(batches[1]!)).toEqual(['after: - -> white']);
  });

  test('goes on, without repeating or missing anything, when the coordinator was away', async () => {
    store.hold();
    const first = await store.put('apple', 'red');
    store.release(new CoordinatorUnavailableError('away'));
    await view.waitFor(first);
    const last = await store.put('apple', 'green');
    await view.waitFor(last);
    expect(batches.map(described)).toEqual([['apple: - -> red'], ['apple: red -> green']]);
  });

  test('stops at once while it waits to try again', async () => {
    store.hold();
    await store.put('apple', 'red');
    store.release(new CoordinatorUnavailableError('away'));
    await view.stop();
  });
});

describe('a record that cannot be read', () => {
  test('is reported, keeps its last value, and holds nothing else up', async () => {
    const { log, lines } = recordingLog();
    const own = await openView(store.coordinator, [fruits], log);
    await store.put('apple', 'red');
    await store.putText(fruits.key('apple'), '{"color": 5}');
    await own.view.waitFor(await store.put('pear', 'green'));
    expect(own.view.get(fruits, 'apple')?.value).toEqual({ color: 'red' });
    expect(own.view.get(fruits, 'pear')?.value).toEqual({ color: 'green' });
    expect(lines).toMatchObject([{ level: 'error', key: 'fruits/apple' }]);
    await own.view.waitFor(await store.put('apple', 'yellow'));
    expect(own.view.get(fruits, 'apple')?.value).toEqual({ color: 'yellow' });
    await store.putText(fruits.key('apple'), 'no JSON');
    await own.view.waitFor(await store.remove('apple'));
    expect(own.view.get(fruits, 'apple')).toBeUndefined();
    await own.view.stop();
  });

  test('does not keep the view from starting', async () => {
    await store.putText(fruits.key('bad'), 'no JSON');
    await store.put('good', 'green');
    const own = await openView(store.coordinator, [fruits]);
    expect(own.view.list(fruits).map(({ id }) => id)).toEqual(['good']);
    await own.view.stop();
  });
});

describe('waiting for the view', () => {
  test('ends when the predicate holds, fails or is no longer waited for', async () => {
    const red = view.until(() => view.get(fruits, 'apple')?.value.color === 'red');
    const controller = new AbortController();
    const never = view.until(() => false, controller.signal);
    const broken = view.until(() => {
      if (view.list(fruits).length > 0) throw new Error('a defect');
      return false;
    });
    const outcomes = Promise.allSettled([red, never, broken]);
    await store.put('apple', 'red');
    await red;
    controller.abort(new Error('enough'));
    expect(
      (await outcomes).map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'ok')),
    ).toEqual(['ok', 'Error: enough', 'Error: a defect']);
  });

  test('ends when the view stops', async () => {
    const never = view.until(() => false);
    const outcome = expect(never).rejects.toThrow('The view has been stopped.');
    await view.stop();
    await outcome;
  });

  test('leaves nothing behind, however often, in signals that live on', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const { signal } = new AbortController();
    const waits = Array.from({ length: 30 }, () => view.until(() => view.list(fruits).length > 0));
    const signalled = view.until(() => view.list(fruits).length > 0, signal);
    await store.put('apple', 'red');
    await Promise.all([...waits, signalled]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
    process.off('warning', warned);
  });
});

describe('catching up', () => {
  test('waits for changes of the keys, and for nothing else', async () => {
    await view.waitFor(await store.put('apple', 'red'));
    store.hold();
    await store.put('apple', 'green');
    const caughtUp = view.catchUp([fruits.key('apple')]);
    const settled = vi.fn();
    void caughtUp.then(settled);
    await view.catchUp([fruits.key('pear'), 'vegetables/leek']);
    expect(settled).not.toHaveBeenCalled();
    store.release();
    await caughtUp;
    expect(colors()).toEqual({ apple: 'green' });
  });

  test('waits for the deletion of a key', async () => {
    await view.waitFor(await store.put('apple', 'red'));
    store.hold();
    await store.remove('apple');
    const caughtUp = view.catchUp([fruits.key('apple')]);
    store.release();
    await caughtUp;
    expect(colors()).toEqual({});
  });

  test('ends although the key was made again before its deletion was seen', async () => {
    await view.waitFor(await store.put('apple', 'red'));
    store.hold();
    await store.remove('apple');
    const asked = vi.spyOn(store.coordinator, 'get');
    const caughtUp = view.catchUp([fruits.key('apple')]);
    await asked.mock.results[0]?.value;
    await store.put('apple', 'green');
    store.release(new CompactedError(1n));
    await caughtUp;
    expect(colors()).toEqual({ apple: 'green' });
  });

  test('ends although the key is made in the very moment in which it is found missing', async () => {
    const { get } = store.coordinator;
    const racing = Object.create(store.coordinator) as typeof store.coordinator;
    racing.get = async (key, options) => {
      const entry = await get(key, options);
      await own.view.waitFor(await store.put('apple', 'red'));
      return entry;
    };
    const own = await openView(racing, [fruits]);
    await own.view.catchUp([fruits.key('apple')]);
    await own.view.stop();
  });
});
