import { useState } from 'preact/hooks';
import { ActionButton } from '../actions/action-button.js';
import { COLLECT_ACTIONS } from '../actions/operations.js';
import { linkTo, type Place } from '../shell/router.js';
import { Panel } from '../parts/panel.js';
import { useLive } from '../state/context.js';
import { ActionList } from './action-list.js';

/** The action feed, live; held still while somebody reads, when asked to. */
export function ActionsPage({ place }: { place: Place }) {
  const { actions } = useLive('actions');
  const [held, setHeld] = useState<readonly (typeof actions)[number][] | null>(null);
  const type = place.query.get('type') ?? '';
  const text = (place.query.get('text') ?? '').toLowerCase();
  const narrow = (change: Record<string, string>): void => {
    const query = Object.entries({ type, text, ...change }).filter(([, value]) => value !== '');
    location.hash = linkTo('actions', place.object, Object.fromEntries(query));
  };
  const shown = (held ?? actions).filter(
    (action) =>
      (type === '' || action.type === type) &&
      `${action.target} ${action.description} ${action.actor}`.toLowerCase().includes(text),
  );
  const waiting = held ? actions.findIndex((action) => action === held[0]) : 0;
  const types = [...new Set(actions.map((action) => action.type))].sort();
  return (
    <Panel
      title="Action feed"
      tools={
        <>
          <select
            aria-label="Type"
            value={type}
            onInput={({ currentTarget }) => narrow({ type: currentTarget.value })}
          >
            <option value="">all types</option>
            {types.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
          <input
            type="search"
            aria-label="Filter"
            placeholder="Filter"
            value={text}
            onInput={({ currentTarget }) => narrow({ text: currentTarget.value })}
          />
          <button type="button" onClick={() => setHeld(held ? null : [...actions])}>
            {held ? `Follow${waiting > 0 ? ` (${waiting} new)` : ''}` : 'Hold'}
          </button>
          <ActionButton spec={COLLECT_ACTIONS} />
        </>
      }
    >
      <ActionList actions={shown} chosen={place.object} />
      <p class="quiet">The newest of the last {actions.length} are shown; the API has all that are kept.</p>
    </Panel>
  );
}
