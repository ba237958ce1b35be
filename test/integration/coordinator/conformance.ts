import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CompactedError,
  InvalidRequestError,
  SessionLostError,
  type Coordinator,
  type WatchBatch,
} from '../../../src/coordinator/index.js';
import { describeLeadership } from './conformance-leadership.js';
import { put, takeBatches, takeUntil, type Fixture, type OpenFixture } from './harness.js';

/** What every coordinator has to do alike, run against one kind of store. */
export function describeConformance(name: string, open: OpenFixture): void {
  describe(name, () => {
    let fixture: Fixture;
    let coordinator: Coordinator;

    beforeEach(async () => {
      fixture = await open();
      coordinator = fixture.coordinator;
    });
    afterEach(async () => {
      await fixture.dispose();
    });

    describe('transactions', () => {
      it('commits when the mod revision is the expected one and refuses when it is another', async () => {
        const first = await put(coordinator, 'a', '1');
        const guarded = (modRevision: bigint, value: string) =>
          coordinator.commit({
            conditions: [{ key: 'a', modRevision }],
            operations: [{ put: 'a', value }],
          });

        expect((await guarded(first - 1n, 'stale')).committed).toBe(false);
        expect((await coordinator.get('a'))?.value).toBe('1');
        const second = await guarded(first, '2');
        expect(second.committed).toBe(true);
        expect((await guarded(first, 'stale')).committed).toBe(false);
        expect(await coordinator.get('a')).toEqual({
          key: 'a',
          value: '2',
          createRevision: first,
          modRevision: second.revision,
        });
      });

      it('judges by the create revision, which a delete and a new put change', async () => {
        const created = await put(coordinator, 'a', '1');
        await put(coordinator, 'a', '2');
        const guarded = () =>
          coordinator.commit({
            conditions: [{ key: 'a', createRevision: created }],
            operations: [{ put: 'b', value: 'x' }],
          });

        expect((await guarded()).committed).toBe(true);
        await coordinator.commit({ conditions: [], operations: [{ delete: 'a' }] });
        const recreated = await put(coordinator, 'a', '3');
        expect((await guarded()).committed).toBe(false);
        expect((await coordinator.get('a'))?.createRevision).toBe(recreated);
      });

      it.each(['modRevision', 'createRevision'] as const)('takes a %s of 0 for absence', async (field) => {
        const create = () =>
          coordinator.commit({
            conditions: [
              field === 'modRevision' ? { key: 'a', modRevision: 0n } : { key: 'a', createRevision: 0n },
            ],
            operations: [{ put: 'a', value: '1' }],
          });

        expect((await create()).committed).toBe(true);
        expect((await create()).committed).toBe(false);
      });

      it('writes nothing when one condition of several does not hold', async () => {
        const revision = await put(coordinator, 'a', '1');

        const result = await coordinator.commit({
          conditions: [
            { key: 'a', modRevision: revision },
            { key: 'absent', modRevision: revision },
          ],
          operations: [{ put: 'a', value: '2' }, { put: 'b', value: '2' }, { delete: 'a2' }],
        });

        expect(result.committed).toBe(false);
        expect(result.revision).toBeGreaterThanOrEqual(revision);
        expect((await coordinator.read('')).entries.map((entry) => entry.value)).toEqual(['1']);
      });

      it('gives all changes of a transaction one revision, and every transaction a higher one', async () => {
        const before = (await coordinator.read('')).revision;
        const first = await coordinator.commit({
          conditions: [],
          operations: [
            { put: 'a', value: '1' },
            { put: 'b', value: '1' },
          ],
        });
        const second = await put(coordinator, 'c', '1');

        expect(first.revision).toBeGreaterThan(before);
        expect(second).toBeGreaterThan(first.revision);
        const { entries, revision } = await coordinator.read('');
        expect(entries.map((entry) => entry.modRevision)).toEqual([first.revision, first.revision, second]);
        expect(revision).toBe(second);
      });

      it('deletes exactly the keys under a prefix', async () => {
        for (const key of ['g/1', 'g/2', 'g', 'g0', 'h/1']) await put(coordinator, key, key);
        const after = (await coordinator.read('')).revision;

        const result = await coordinator.commit({ conditions: [], operations: [{ deletePrefix: 'g/' }] });

        expect((await coordinator.read('')).entries.map((entry) => entry.key)).toEqual(['g', 'g0', 'h/1']);
        const [batch] = await takeBatches(coordinator.watch('', { afterRevision: after }), 1);
        expect(batch).toEqual({
          revision: result.revision,
          changes: [
            { type: 'delete', key: 'g/1', modRevision: result.revision },
            { type: 'delete', key: 'g/2', modRevision: result.revision },
          ],
        });
      });

      it('lets exactly one of many rivals win each round', async () => {
        let expected = await put(coordinator, 'counter', '0');
        for (let round = 1; round <= 10; round += 1) {
          const results = await Promise.all(
            Array.from({ length: 20 }, (_, rival) =>
              coordinator.commit({
                conditions: [{ key: 'counter', modRevision: expected }],
                operations: [{ put: 'counter', value: `${round}/${rival}` }],
              }),
            ),
          );
          const winners = results.flatMap((result, rival) => (result.committed ? [{ result, rival }] : []));
          expect(winners).toHaveLength(1);
          const [winner] = winners;
          expect((await coordinator.get('counter'))?.value).toBe(`${round}/${winner?.rival}`);
          expected = winner?.result.revision ?? 0n;
        }
      });

      it('refuses a transaction that is too large or names a key twice, and writes nothing of it', async () => {
        const many = Array.from({ length: 121 }, (_, index) => ({ put: `k${index}`, value: '' }));
        const twice = [{ put: 'a', value: '1' }, { delete: 'a' }];
        const covered = [{ put: 'g/a', value: '1' }, { deletePrefix: 'g/' }];

        for (const operations of [many, twice, covered]) {
          await expect(coordinator.commit({ conditions: [], operations })).rejects.toBeInstanceOf(
            InvalidRequestError,
          );
        }
        expect((await coordinator.read('')).entries).toEqual([]);
      });

      it('commits a transaction of the largest allowed size', async () => {
        const keys = Array.from({ length: 120 }, (_, index) => `k${index}`);
        const result = await coordinator.commit({
          conditions: keys.map((key) => ({ key, modRevision: 0n })),
          operations: keys.map((key) => ({ put: key, value: key })),
        });
        expect(result.committed).toBe(true);
        expect((await coordinator.read('k')).entries).toHaveLength(120);
      });
    });

    describe('reads', () => {
      it('answers keys in order, from a large prefix too, and values of any text', async () => {
        const keys = Array.from({ length: 2_400 }, (_, index) => `p/${String(index).padStart(5, '0')}`);
        for (let start = 0; start < keys.length; start += 120) {
          const operations = keys
            .slice(start, start + 120)
            .map((key) => ({ put: key, value: `${key} ä€😀\n"` }));
          await coordinator.commit({ conditions: [], operations });
        }
        await put(coordinator, 'q', '');

        const { entries } = await coordinator.read('p/');

        expect(entries.map((entry) => entry.key)).toEqual(keys);
        expect(entries.every((entry) => entry.value === `${entry.key} ä€😀\n"`)).toBe(true);
        expect((await coordinator.get('q'))?.value).toBe('');
        expect(await coordinator.get('p/')).toBeUndefined();
      });

      it('shows another client what was committed before it asked', async () => {
        const other = await fixture.other();
        for (let round = 0; round < 20; round += 1) {
          const revision = await put(coordinator, 'a', String(round));
          expect((await other.get('a'))?.modRevision).toBe(revision);
        }
      });
    });

    describe('watches', () => {
      it('delivers the past from any revision, then the present, in order and by prefix', async () => {
        const revisions: bigint[] = [];
        for (let index = 0; index < 10; index += 1) {
          revisions.push(await put(coordinator, `w/${index % 3}`, String(index)));
          await put(coordinator, 'unrelated', String(index));
        }
        const watch = coordinator.watch('w/', { afterRevision: revisions[3] ?? 0n });
        const past = await watch.next();
        expect((past.value as WatchBatch).revision).toBe(revisions[4]);
        revisions.push(await put(coordinator, 'w/live', '10'));

        const rest = await takeBatches(watch, 6);

        expect(rest.map((batch) => batch.revision)).toEqual(revisions.slice(5));
        expect(rest.at(-1)?.changes).toEqual([
          {
            type: 'put',
            key: 'w/live',
            value: '10',
            createRevision: revisions.at(-1),
            modRevision: revisions.at(-1),
          },
        ]);
      });

      it('never splits a transaction, however large the history it catches up with', async () => {
        const value = 'x'.repeat(9_000);
        const keys = Array.from({ length: 100 }, (_, index) => `big/${index}`);
        const revisions: bigint[] = [];
        for (let round = 0; round < 12; round += 1) {
          const operations = keys.map((key) => ({ put: key, value: value + String(round) }));
          revisions.push((await coordinator.commit({ conditions: [], operations })).revision);
        }

        const batches = await takeBatches(coordinator.watch('big/', { afterRevision: 0n }), revisions.length);

        expect(batches.map((batch) => batch.revision)).toEqual(revisions);
        for (const [round, batch] of batches.entries()) {
          expect(batch.changes.map((change) => change.key)).toEqual(keys);
          expect(
            batch.changes.every((change) => change.type === 'put' && change.value.endsWith(`x${round}`)),
          ).toBe(true);
        }
      });

      it('keeps every change for a consumer that comes back late', async () => {
        const watch = coordinator.watch('s/', { afterRevision: await put(coordinator, 's/first', '') });
        const pending = watch.next();
        const revisions = [await put(coordinator, 's/0', '')];
        expect(((await pending).value as WatchBatch).revision).toBe(revisions[0]);
        const writes = Array.from({ length: 1_000 }, (_, index) => put(coordinator, `s/${index}`, 'late'));
        revisions.push(...(await Promise.all(writes)).sort((a, b) => (a < b ? -1 : 1)));

        const batches = await takeBatches(watch, 1_000);

        expect(batches.map((batch) => batch.revision)).toEqual(revisions.slice(1));
      });

      it('ends quietly when its signal aborts, when the consumer leaves, and when the coordinator stops', async () => {
        const revision = await put(coordinator, 'a', '1');
        const abort = new AbortController();
        const watches = [
          coordinator.watch('', { afterRevision: revision, signal: abort.signal }),
          coordinator.watch('', { afterRevision: revision }),
          coordinator.watch('', { afterRevision: revision }),
        ] as const;
        const pending = watches.map((watch) => watch.next());

        abort.abort();
        expect(await pending[0]).toEqual({ done: true, value: undefined });
        await watches[1].return?.();
        expect(await pending[1]).toEqual({ done: true, value: undefined });
        await coordinator.stop();
        expect(await pending[2]).toEqual({ done: true, value: undefined });
      });

      it('says that it is compacted when history is gone, and starts where history begins', async () => {
        const first = await put(coordinator, 'a', '1');
        await put(coordinator, 'a', '2');
        const third = await put(coordinator, 'a', '3');
        const fourth = await put(coordinator, 'a', '4');
        await coordinator.compact(third);

        const lost = coordinator.watch('', { afterRevision: first }).next();
        await expect(lost).rejects.toBeInstanceOf(CompactedError);
        await expect(lost).rejects.toMatchObject({ code: 'COMPACTED', compactRevision: third });
        const [batch] = await takeBatches(coordinator.watch('', { afterRevision: third }), 1);
        expect(batch?.revision).toBe(fourth);
        const { entries } = await coordinator.read('');
        expect(entries.map((entry) => entry.value)).toEqual(['4']);
      });

      it('accepts a compaction that was done already and refuses one in the future', async () => {
        const revision = await put(coordinator, 'a', '1');
        await coordinator.compact(revision);
        await coordinator.compact(revision);
        await expect(coordinator.compact(revision + 1_000n)).rejects.toBeInstanceOf(InvalidRequestError);
      });
    });

    describe('sessions', () => {
      it('deletes the keys of a session that is closed, and no others, in one revision', async () => {
        const session = await coordinator.openSession(5_000);
        expect(session.isAlive()).toBe(true);
        expect(session.validUntil).toBeGreaterThan(performance.now());
        await coordinator.commit({
          conditions: [],
          operations: [
            { put: 'mine/1', value: '', session },
            { put: 'mine/2', value: '', session },
            { put: 'other', value: '' },
          ],
        });
        expect((await coordinator.get('mine/1'))?.sessionId).toBe(session.id);
        const after = await put(coordinator, 'mark', '');

        await session.close();

        expect(session.isAlive()).toBe(false);
        expect(session.validUntil).toBe(0);
        expect(session.signal.reason).toBeInstanceOf(SessionLostError);
        const [batch] = await takeBatches(coordinator.watch('', { afterRevision: after }), 1);
        expect(batch?.changes.map((change) => [change.type, change.key])).toEqual([
          ['delete', 'mine/1'],
          ['delete', 'mine/2'],
        ]);
        expect((await coordinator.read('')).entries.map((entry) => entry.key)).toEqual(['mark', 'other']);
        await session.close();
      });

      it('keeps a key that was put again without the session', async () => {
        const session = await coordinator.openSession(5_000);
        await coordinator.commit({ conditions: [], operations: [{ put: 'a', value: '1', session }] });
        await put(coordinator, 'a', '2');
        await session.close();
        expect((await coordinator.get('a'))?.value).toBe('2');
      });

      it('writes nothing under a session that has ended', async () => {
        const session = await coordinator.openSession(5_000);
        await session.close();
        const write = coordinator.commit({
          conditions: [],
          operations: [
            { put: 'a', value: '1', session },
            { put: 'b', value: '1' },
          ],
        });
        await expect(write).rejects.toBeInstanceOf(SessionLostError);
        expect((await coordinator.read('')).entries).toEqual([]);
      });

      it('deletes the keys of a session whose holder vanished, and watches see it', async () => {
        const session = await coordinator.openSession(2_000);
        await coordinator.commit({ conditions: [], operations: [{ put: 'mine', value: '', session }] });
        const after = await put(coordinator, 'other', '');

        const survivor = await fixture.abandon();

        const batches = await takeUntil(
          survivor.watch('', { afterRevision: after }),
          (change) => change.type === 'delete',
        );
        expect(batches.at(-1)?.changes.map((change) => change.key)).toEqual(['mine']);
        expect((await survivor.read('')).entries.map((entry) => entry.key)).toEqual(['other']);
      });
    });

    describeLeadership(() => fixture);
  });
}
