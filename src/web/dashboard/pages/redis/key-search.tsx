import { useState } from 'preact/hooks';
import { linkTo } from '../../shell/router.js';
import { count } from '../../format/numbers.js';
import { Failure } from '../../parts/failure.js';
import { useApp } from '../../state/context.js';

type Found = Awaited<ReturnType<ReturnType<typeof useApp>['client']['slotOf']>>;

/** Finds the slot and the group of a key. */
export function KeySearch({ initial }: { initial: string }) {
  const { client } = useApp();
  const [key, setKey] = useState(initial);
  const [found, setFound] = useState<{ readonly key: string; readonly slot: Found } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const find = async (): Promise<void> => {
    setError(null);
    try {
      setFound({ key, slot: await client.slotOf({ key }) });
    } catch (failure) {
      setFound(null);
      setError(failure);
    }
  };
  return (
    <form
      class="key-search"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <div class="field">
        <label for="key">Slot of a key</label>
        <input
          id="key"
          value={key}
          autocomplete="off"
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </div>
      <button type="submit">Find</button>
      {error !== null && <Failure error={error} />}
      {found && (
        <p role="status">
          <code>{found.key}</code> is in{' '}
          <a href={linkTo('redis', `slot/${found.slot.number}`)}>slot {found.slot.number}</a>
          {found.slot.group ? (
            <>
              {' '}
              of{' '}
              <a href={linkTo('redis', `group/${found.slot.group.number}`)}>
                group {found.slot.group.number}
              </a>
            </>
          ) : (
            ', which has no group'
          )}
          {found.slot.keys !== null && `, with ${count(found.slot.keys)} keys`}.
        </p>
      )}
    </form>
  );
}
