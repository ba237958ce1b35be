import { useState } from 'preact/hooks';
import { RefusedError } from '../../../sdk/browser.js';
import { CopyButton } from '../parts/copy.js';
import { Dialog } from '../parts/dialog.js';
import { Failure, fieldOf } from '../parts/failure.js';
import { useMay } from '../state/context.js';
import type { ActionSpec } from './action.js';
import { asGraphql, asText, playgroundLink } from './as-graphql.js';
import { Field } from './field.js';
import { withoutSecrets } from './input.js';
import { isEmpty, Preview } from './preview.js';
import { useAction } from './use-action.js';

/** Fills in, previews, confirms and does what a mutation does. */
export function ActionDialog({ spec, onClose }: { spec: ActionSpec; onClose: () => void }) {
  const may = useMay();
  const action = useAction(spec, onClose);
  const [typed, setTyped] = useState('');
  const { values, input, isBusy, error, preview, isPreviewing, result } = action;
  if (result) {
    return (
      <Dialog title={`${spec.title}: done`} onClose={onClose}>
        {result}
        <footer>
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        </footer>
      </Dialog>
    );
  }
  const { destroys } = spec;
  const isDestroying = destroys !== undefined && (!destroys.onlyForced || values['force'] === true);
  const isPointless = preview !== null && isEmpty(preview);
  const needsName = isDestroying && !isPreviewing && !isPointless;
  const fields = spec.fields.filter(({ role = 'OPERATOR' }) => may(role));
  const besideFields = fields.filter(({ kind }) => kind !== 'check').map(({ name }) => name);
  const complaints = complaintsIn(error);
  const text = asGraphql(spec.method, withoutSecrets(spec, input));
  return (
    <Dialog title={spec.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          action.submit();
        }}
      >
        {spec.note !== undefined && <p class="note">{spec.note}</p>}
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            complaint={complaints.get(field.name)}
            onChange={(value) => action.change({ ...values, [field.name]: value })}
          />
        ))}
        {preview && <Preview payload={preview} />}
        {needsName && (
          <div class="field">
            <label for="typed-name">
              This cannot be undone. Type <code>{destroys.name}</code> to go on.
            </label>
            <input
              id="typed-name"
              autocomplete="off"
              value={typed}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </div>
        )}
        {error !== null && <Failure error={error} besideFields={besideFields} />}
        <footer>
          <CopyButton text={asText(text)} label="Copy as GraphQL" about={spec.title} />
          <a href={playgroundLink(text)} target="_blank" rel="opener">
            Open in the playground
          </a>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            class={isDestroying ? 'danger' : 'primary'}
            disabled={isBusy || isPointless || (needsName && typed !== destroys.name)}
          >
            {isBusy ? 'Working…' : isPreviewing ? 'Preview' : (spec.label ?? spec.title)}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** What the service has against single fields, by their names. */
function complaintsIn(error: unknown): ReadonlyMap<string, string> {
  const refusals = error instanceof RefusedError ? error.userErrors : [];
  return new Map(refusals.map(({ path, message }) => [fieldOf(path), message]));
}
