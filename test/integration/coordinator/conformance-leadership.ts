import { describe, expect, it } from 'vitest';
import { campaign, SessionLostError } from '../../../src/coordinator/index.js';
import { aborted, put, takeUntil, type Fixture } from './harness.js';

const KEY = 'leader';

/** Leadership over whatever store the fixture is of. */
export function describeLeadership(current: () => Fixture): void {
  describe('leadership', () => {
    it('goes to the next candidate with a higher epoch, and shuts out the writes of the one before', async () => {
      const { coordinator } = current();
      const other = await current().other();
      const first = await campaign(coordinator, KEY, 'one', await coordinator.openSession(5_000));
      const second = campaign(other, KEY, 'two', await other.openSession(5_000));
      expect(first.isHeld()).toBe(true);
      const guarded = (condition: typeof first.condition, value: string) =>
        coordinator.commit({ conditions: [condition], operations: [{ put: 'state', value }] });
      expect((await guarded(first.condition, 'one')).committed).toBe(true);

      await first.resign();
      const successor = await second;

      expect(first.isHeld()).toBe(false);
      expect(first.signal.aborted).toBe(true);
      expect(successor.epoch).toBeGreaterThan(first.epoch);
      expect((await guarded(first.condition, 'late')).committed).toBe(false);
      expect((await guarded(successor.condition, 'two')).committed).toBe(true);
      expect((await coordinator.get(KEY))?.createRevision).toBe(successor.epoch);
    });

    it('passes on when the session of the holder is closed', async () => {
      const { coordinator } = current();
      const other = await current().other();
      const session = await coordinator.openSession(5_000);
      const first = await campaign(coordinator, KEY, 'one', session);
      const second = campaign(other, KEY, 'two', await other.openSession(5_000));

      await session.close();

      expect(first.isHeld()).toBe(false);
      expect(first.signal.reason).toBeInstanceOf(SessionLostError);
      expect((await second).epoch).toBeGreaterThan(first.epoch);
    });

    it('is never held by two at once', async () => {
      const coordinators = [current().coordinator, await current().other()];
      const epochs: bigint[] = [];
      let holders = 0;
      const candidate = async (index: number) => {
        const coordinator = coordinators[index % 2] ?? current().coordinator;
        for (let round = 0; round < 8; round += 1) {
          const session = await coordinator.openSession(5_000);
          const leadership = await campaign(coordinator, KEY, `candidate ${index}`, session);
          holders += 1;
          expect(holders).toBe(1);
          epochs.push(leadership.epoch);
          const guarded = await coordinator.commit({
            conditions: [leadership.condition],
            operations: [{ put: 'state', value: String(index) }],
          });
          expect(guarded.committed).toBe(true);
          expect(holders).toBe(1);
          holders -= 1;
          if (round % 2 === 0) await leadership.resign();
          await session.close();
        }
      };

      await Promise.all([0, 1, 2, 3].map(candidate));

      expect(epochs).toHaveLength(32);
      expect(epochs.every((epoch, index) => index === 0 || epoch > (epochs[index - 1] ?? 0n))).toBe(true);
    });

    it('is lost when somebody deletes the key, and does not mind its neighbours', async () => {
      const { coordinator } = current();
      const leadership = await campaign(coordinator, KEY, 'one', await coordinator.openSession(5_000));
      await put(coordinator, `${KEY}/neighbour`, '');
      await put(coordinator, KEY, 'the same key with another value');
      await put(coordinator, 'mark', '');
      expect(leadership.isHeld()).toBe(true);

      await coordinator.commit({ conditions: [], operations: [{ delete: KEY }] });

      await aborted(leadership.signal);
      expect(leadership.isHeld()).toBe(false);
    });

    it('survives a compaction of the history that its candidates watch', async () => {
      const { coordinator } = current();
      const other = await current().other();
      const first = await campaign(coordinator, KEY, 'one', await coordinator.openSession(5_000));
      const second = campaign(other, KEY, 'two', await other.openSession(5_000));
      for (let round = 0; round < 5; round += 1) {
        await coordinator.compact(await put(coordinator, 'noise', String(round)));
      }
      expect(first.isHeld()).toBe(true);
      await first.resign();
      expect((await second).epoch).toBeGreaterThan(first.epoch);
    });

    it('leaves nothing behind when a candidate gives up', async () => {
      const { coordinator } = current();
      const first = await campaign(coordinator, KEY, 'one', await coordinator.openSession(5_000));
      const reason = new Error('given up');
      const abort = new AbortController();
      const second = campaign(coordinator, KEY, 'two', await coordinator.openSession(5_000), {
        signal: abort.signal,
      });

      abort.abort(reason);

      await expect(second).rejects.toBe(reason);
      await first.resign();
      expect(await coordinator.get(KEY)).toBeUndefined();
    });

    it('is not sought any longer when the session of the candidate ends', async () => {
      const { coordinator } = current();
      await campaign(coordinator, KEY, 'one', await coordinator.openSession(5_000));
      const session = await coordinator.openSession(5_000);
      const second = campaign(coordinator, KEY, 'two', session);
      const rejected = expect(second).rejects.toBeInstanceOf(SessionLostError);
      await session.close();
      await rejected;
    });

    it('passes on when the holder vanishes', async () => {
      const { coordinator } = current();
      const first = await campaign(coordinator, KEY, 'one', await coordinator.openSession(2_000));
      const after = await put(coordinator, 'mark', '');

      const survivor = await current().abandon();
      const second = await campaign(survivor, KEY, 'two', await survivor.openSession(5_000));

      expect(second.epoch).toBeGreaterThan(first.epoch);
      const batches = await takeUntil(
        survivor.watch(KEY, { afterRevision: after }),
        ({ type }) => type === 'put',
      );
      expect(batches.flatMap((batch) => batch.changes.map((change) => change.type))).toEqual([
        'delete',
        'put',
      ]);
    });
  });
}
