import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkExpectedRevision, Proposals, type ProposalDraft } from '../../../src/cluster/proposals.js';
import { ActionFeed } from '../../../src/cluster/feed.js';
import { collections } from '../../../src/cluster/records.js';
import type { StateView } from '../../../src/cluster/view.js';
import { refuse } from '../../../src/common/refused.js';
import { CompactedError } from '../../../src/coordinator/index.js';
import { fruits, openStore, openView, type Store } from './fixture.js';

let store: Store;
let view: StateView;
let proposals: Proposals;
let feed: ActionFeed;
const ALL = [...Object.values(collections), fruits];

beforeEach(async () => {
  store = await openStore();
  ({ view } = await openView(store.coordinator, ALL));
  proposals = new Proposals(store.coordinator, view, 'm1');
  feed = new ActionFeed(view, proposals);
});

afterEach(async () => {
  await view.stop();
  await store.dispose();
});

/** Paints a fruit on condition that it is as the view shows it. */
function paint(id: string, color: string): ProposalDraft {
  return {
    conditions: [{ key: fruits.key(id), modRevision: view.get(fruits, id)?.revision ?? 0n }],
    operations: [{ put: fruits.key(id), value: fruits.encode({ color }) }],
    action: {
      type: 'SETTINGS_CHANGED',
      description: `Painted ${id} ${color}`,
      target: `fruit/${id}`,
      actor: 'ops',
    },
  };
}

const change = (id: string, color: string) => proposals.run(() => paint(id, color));
const descriptions = (): string[] => feed.all().map((action) => action.value.description);

describe('a proposal', () => {
  test('shows in the view, with its action at the same revision, when it is answered', async () => {
    const proposed = await change('apple', 'red');
    expect(view.get(fruits, 'apple')).toMatchObject({
      value: { color: 'red' },
      revision: proposed!.revision,
    });
    expect(view.get(collections.actions, proposed!.id)).toMatchObject({
      createRevision: proposed!.revision,
      value: { actor: 'ops', proposedBy: 'm1', receivers: [] },
    });
    expect(proposed).toMatchObject({ committedBy: 'm1', raftTerm: null });
  });

  test('that changes nothing is none, and leaves no action', async () => {
    expect(await proposals.run(() => null)).toBeNull();
    expect(feed.all()).toEqual([]);
  });

  test('that is refused leaves no action', async () => {
    await expect(proposals.run(() => refuse('NOT_FOUND', 'id', 'There is none.'))).rejects.toMatchObject({
      refusals: [{ code: 'NOT_FOUND', field: 'id' }],
    });
    expect(feed.all()).toEqual([]);
  });

  test('is drafted anew against what another has just changed', async () => {
    await change('apple', 'red');
    const drafted: string[] = [];
    store.hold();
    await store.put('apple', 'green');
    const running = proposals.run(() => {
      drafted.push(view.get(fruits, 'apple')!.value.color);
      return paint('apple', `dark ${drafted.at(-1)}`);
    });
    store.release();
    await running;
    expect(drafted).toEqual(['red', 'green']);
    expect(view.get(fruits, 'apple')?.value.color).toBe('dark green');
    expect(descriptions()).toEqual(['Painted apple red', 'Painted apple dark green']);
  });

  test('never writes two actions at one revision, and none is lost, when many are made at a time', async () => {
    const done = await Promise.all(Array.from({ length: 15 }, (_, i) => change('apple', `color ${i}`)));
    const revisions = done.map((proposed) => proposed!.revision);
    expect(new Set(revisions).size).toBe(15);
    expect(feed.all().map((action) => action.createRevision)).toEqual(
      [...revisions].sort((a, b) => Number(a - b)),
    );
  });

  test('gives up with CONFLICT when the state never holds still', async () => {
    await change('apple', 'red');
    const outdated = paint('apple', 'green');
    await change('apple', 'yellow');
    const draft = vi.fn(() => outdated);
    await expect(proposals.run(draft)).rejects.toMatchObject({ refusals: [{ code: 'CONFLICT' }] });
    expect(draft.mock.calls.length).toBeGreaterThan(1);
    expect(view.get(fruits, 'apple')?.value.color).toBe('yellow');
  });

  test.each([[undefined], [null], [5n]])(
    'with the expected revision %s is not refused at revision 5',
    (expected) => {
      expect(() => checkExpectedRevision(expected, 5n, 'Group 1')).not.toThrow();
    },
  );

  test('with another expected revision is refused', () => {
    expect(() => checkExpectedRevision(4n, 5n, 'Group 1')).toThrow(/Group 1 is at revision 5, not 4/);
    expect(() => checkExpectedRevision(0n, 5n, 'Group 1')).toThrow();
  });
});

describe('the feed', () => {
  async function fill(count: number): Promise<bigint[]> {
    const revisions: bigint[] = [];
    for (let i = 0; i < count; i++) revisions.push((await change('apple', `${i}`))!.revision);
    return revisions;
  }

  test('tells of every action as it commits, in order, and holds them in the same order', async () => {
    const heard: string[] = [];
    const end = feed.subscribe((action) => void heard.push(action.value.description));
    await fill(5);
    end();
    await fill(1);
    expect(heard).toEqual(descriptions().slice(0, 5));
    expect(descriptions()).toHaveLength(6);
  });

  test('is in order also when it is first asked after the fact, and after a resync', async () => {
    const revisions = await fill(5);
    const late = await openView(store.coordinator, ALL);
    const other = new ActionFeed(late.view, proposals);
    expect(other.all().map((action) => action.createRevision)).toEqual(revisions);
    await late.view.stop();
    feed.all();
    store.hold();
    const more = await Promise.all(
      Array.from({ length: 5 }, async (_, i) => {
        const action = { ...feed.all()[0]!.value, description: `late ${i}` };
        return store.putText(collections.actions.key(`${9 - i}`), collections.actions.encode(action));
      }),
    );
    const last = more.reduce((a, b) => (a > b ? a : b));
    store.release(new CompactedError(1n));
    await view.waitFor(last);
    const order = feed.all().map((action) => action.createRevision);
    expect(order).toHaveLength(10);
    expect(order).toEqual([...order].sort((a, b) => Number(a - b)));
  });

  test('resumes after any revision without gap or repetition', async () => {
    const revisions = await fill(4);
    for (let revision = revisions[0]! - 1n; revision <= revisions.at(-1)! + 1n; revision++) {
      expect(feed.after(revision).map((action) => action.createRevision)).toEqual(
        revisions.filter((r) => r > revision),
      );
    }
  });

  test('forgets the oldest in batches, with their receipts, and says so to who wants to resume before', async () => {
    const revisions = await fill(120);
    const [oldest] = feed.all();
    const receipt = collections.receipts.key(`${oldest!.id}/p1`);
    await store.putText(receipt, collections.receipts.encode({ confirmedAt: new Date().toISOString() }));
    const { collected, proposed } = await feed.collect({ keepLast: 5 }, 'ops');
    expect(collected).toBe(115);
    expect(await store.coordinator.get(receipt)).toBeUndefined();
    expect(feed.floor).toBe(revisions[114]);
    expect(
      feed
        .all()
        .slice(0, 5)
        .map((action) => action.createRevision),
    ).toEqual(revisions.slice(115));
    expect(feed.all().at(-1)?.createRevision).toBe(proposed!.revision);
    expect(() => feed.after(revisions[113]!)).toThrow(CompactedError);
    expect(feed.after(revisions[114]!).slice(0, 5)).toHaveLength(5);
  });

  test('with nothing to forget changes nothing', async () => {
    await fill(2);
    expect(await feed.collect({ keepLast: 2 }, 'ops')).toEqual({ collected: 0, proposed: null });
    expect(await feed.collect({ olderThan: new Date(0) }, 'ops')).toEqual({ collected: 0, proposed: null });
    expect(feed.floor).toBe(0n);
  });

  test('forgets by age', async () => {
    await fill(3);
    const { collected } = await feed.collect({ olderThan: new Date(Date.now() + 1_000) }, 'ops');
    expect(collected).toBe(3);
    expect(descriptions()).toEqual([expect.stringContaining('Collected 3 actions')]);
  });
});
