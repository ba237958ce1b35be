import { ActionButton } from '../../actions/action-button.js';
import {
  assignSlots,
  INIT_SLOTS,
  moveSlots,
  nameOf,
  REBALANCE,
  type SlotSelection,
} from '../../actions/slots.js';
import { linkTo, type Place } from '../../shell/router.js';
import type { Slot } from '../../../../sdk/browser.js';
import { Panel } from '../../parts/panel.js';
import { useLive } from '../../state/context.js';
import { groupColour } from './group-colour.js';
import { KeySearch } from './key-search.js';
import { SlotGrid } from './slot-grid.js';
import { useSlotSelection } from './use-slot-selection.js';

/** Who owns which slot, what moves, and the way to move more. */
export function SlotsPanel({ place }: { place: Place }) {
  const { slots, groups } = useLive('slots', 'groups');
  const { selection, cursor, clear, handlers } = useSlotSelection(selectionIn(place));
  const all = [...groups.values()].sort((a, b) => a.number - b.number);
  if (slots.length === 0) {
    return (
      <Panel title="Slots" id="slots" tools={<ActionButton spec={INIT_SLOTS} />}>
        <p class="empty">
          There are no slots yet. Create a group with a server, create the slots, and assign them.
        </p>
      </Panel>
    );
  }
  const { from, to } = selection ?? { from: -1, to: -1 };
  return (
    <Panel title="Slots" id="slots" tools={<ActionButton spec={REBALANCE} />}>
      <div class="slots">
        <div
          class="slot-grid"
          role="application"
          tabIndex={0}
          aria-label="The 1024 slots. Choose some with the arrow keys, more with Shift."
          {...handlers}
        >
          <SlotGrid slots={slots} from={from} to={to} />
        </div>
        <div class="slot-side">
          <Legend slots={slots} groups={all.map(({ number }) => number)} />
          <div class="selection" aria-live="polite">
            {selection ? (
              <>
                <h3>{nameOf(selection)}</h3>
                <p>{describe(slots.slice(from, to + 1), cursor === null ? undefined : slots[cursor])}</p>
                <p class="tools">
                  <ActionButton spec={moveSlots(selection, all)} about={nameOf(selection)} />
                  <ActionButton spec={assignSlots(selection, all)} about={nameOf(selection)} />
                  <button type="button" onClick={clear}>
                    Clear
                  </button>
                </p>
              </>
            ) : (
              <p class="quiet">Drag over slots, or use the arrow keys in the grid, to choose some.</p>
            )}
          </div>
          <KeySearch initial={place.query.get('key') ?? ''} />
        </div>
      </div>
    </Panel>
  );
}

/** The selection of a link to slots, such as `slot/0-511`. */
function selectionIn({ object }: Place): SlotSelection | null {
  const match = /^slots?\/(\d+)(?:-(\d+))?$/.exec(object);
  if (!match) return null;
  const from = Math.min(1_023, Number(match[1]));
  return { from, to: Math.max(from, Math.min(1_023, Number(match[2] ?? match[1]))) };
}

function describe(chosen: readonly Slot[], at: Slot | undefined): string {
  const owners = new Map<string, number>();
  for (const { group } of chosen) {
    const owner = group ? `group ${group.number}` : 'no group';
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  const counts = [...owners].map(([owner, count]) => `${count} of ${owner}`).join(', ');
  const moving = chosen.filter(({ status }) => status === 'MIGRATE' || status === 'PRE_MIGRATE').length;
  const here = at ? ` Slot ${at.number}: ${at.status}${at.group ? ` at group ${at.group.number}` : ''}.` : '';
  return `${counts}${moving > 0 ? `, ${moving} moving` : ''}.${here}`;
}

function Legend({ slots, groups }: { slots: readonly Slot[]; groups: readonly number[] }) {
  const countOf = (number: number | undefined): number =>
    slots.filter(({ group }) => group?.number === number).length;
  const moving = slots.filter(({ targetGroup }) => targetGroup !== null).length;
  const homeless = countOf(undefined);
  return (
    <ul class="legend">
      {groups.map((number) => (
        <li>
          <i style={{ '--from': groupColour(number) }} />
          <a href={linkTo('redis', `group/${number}`)}>group {number}</a>: {countOf(number)}
        </li>
      ))}
      {homeless > 0 && (
        <li>
          <i /> no group: {homeless}
        </li>
      )}
      {moving > 0 && (
        <li>
          <i class="moving" /> moving: {moving}
        </li>
      )}
    </ul>
  );
}
