import type { Segment, SlotMove } from '../../../sdk/browser.js';
import type { RestartJournalAfterMutation } from '../../../sdk/generated/types.js';
import { bytes, count } from '../format/numbers.js';
import { clock } from '../format/time.js';
import type { Payload } from './action.js';

/** What a dry run answered, for people. */
export function Preview({ payload }: { payload: Payload }) {
  const { plan, segments, consequence, discardedGtidSet } = payload;
  if (typeof consequence === 'string') return <p class="preview">{consequence}</p>;
  if (typeof discardedGtidSet === 'string') return <RestartPreview plan={payload as unknown as Restart} />;
  if (Array.isArray(plan)) return <MovePreview plan={plan as SlotMove[]} />;
  if (Array.isArray(segments)) return <PurgePreview segments={segments as Segment[]} />;
  return <p class="preview">It would be accepted.</p>;
}

/** Whether a dry run found nothing to do. */
export function isEmpty({ plan, segments }: Payload): boolean {
  return [plan, segments].some((list) => Array.isArray(list) && list.length === 0);
}

interface PairMoves {
  slots: number;
  keys: number;
  /** Some could not be counted. */
  isMore: boolean;
}

function MovePreview({ plan }: { plan: readonly SlotMove[] }) {
  const pairs = new Map<string, PairMoves>();
  for (const { fromGroup, toGroup, keys } of plan) {
    const name = `${fromGroup === null ? 'no group' : `group ${fromGroup}`} → group ${toGroup}`;
    const pair = pairs.get(name) ?? { slots: 0, keys: 0, isMore: false };
    pair.slots++;
    pair.keys += Number(keys ?? 0);
    pair.isMore ||= keys === null;
    pairs.set(name, pair);
  }
  if (pairs.size === 0) return <p class="preview">Nothing would move.</p>;
  return (
    <div class="preview">
      <p>Would move:</p>
      <ul>
        {[...pairs].map(([name, { slots, keys, isMore }]) => (
          <li>
            {name}: <strong>{slots}</strong> {slots === 1 ? 'slot' : 'slots'}, <strong>{count(keys)}</strong>{' '}
            keys
            {isMore ? ' or more' : ''}
          </li>
        ))}
      </ul>
    </div>
  );
}

type Restart = RestartJournalAfterMutation['restartJournalAfter'];

function RestartPreview({ plan }: { plan: Restart }) {
  const { discardedGtidSet, aheadGtidSet, missingGtidSet, slaves, lostSlaves, folder } = plan;
  const lost = lostSlaves.map(({ hostName, address }) => hostName ?? address).join(', ');
  return (
    <div class="preview">
      <p>Would be set aside: {discardedGtidSet || 'nothing'}.</p>
      {folder !== null && <p>Each member keeps it: {folder}</p>}
      {aheadGtidSet !== '' && <p>Only replicas would have: {aheadGtidSet}</p>}
      {missingGtidSet !== '' && <p>Would never have been served: {missingGtidSet}</p>}
      <p>
        Slaves that are cut off: <strong>{slaves.length}</strong>
        {lost === '' ? '.' : `; these cannot go on: ${lost}.`}
      </p>
    </div>
  );
}

function PurgePreview({ segments }: { segments: readonly Segment[] }) {
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) return <p class="preview">Nothing would go.</p>;
  const size = segments.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), 0);
  return (
    <p class="preview">
      Would go for good: <strong>{segments.length}</strong> {segments.length === 1 ? 'file' : 'files'} with{' '}
      <strong>{bytes(size)}</strong>, {first.name} to {last.name}, up to {clock(last.maxTimestamp)}.
    </p>
  );
}
