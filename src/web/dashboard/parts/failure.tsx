import { InternalError, QuorateSdkError, RefusedError, type Refusal } from '../../../sdk/browser.js';

/**
 * What went wrong: its code, what it says, and the id under which the log has more. What a form says beside a field is
 * only counted here.
 */
export function Failure({ error, besideFields = [] }: { error: unknown; besideFields?: readonly string[] }) {
  const refusals = refusalsIn(error);
  const isBeside = ({ path }: Refusal): boolean => besideFields.includes(fieldOf(path));
  const beside = refusals.filter(isBeside);
  const id = error instanceof InternalError ? error.errorId : null;
  return (
    <div class="failure" role="alert">
      {beside.length > 0 && (
        <p>
          <code>{beside[0]!.code}</code>{' '}
          {beside.length === 1 ? 'One field is not accepted' : `${beside.length} fields are not accepted`},
          see above.
        </p>
      )}
      {refusals
        .filter((refusal) => !isBeside(refusal))
        .map(({ code, message, path }) => (
          <p>
            <code>{code}</code> {message}
            {path.length > 1 && (
              <span class="quiet">
                {' '}
                (<code>{fieldOf(path)}</code>)
              </span>
            )}
          </p>
        ))}
      {id !== null && (
        <p>
          Id in the log: <code>{id}</code>
        </p>
      )}
    </div>
  );
}

/** The name of the field that a refusal is about; empty when it is about the whole. */
export function fieldOf(path: readonly string[]): string {
  return path.slice(1).join('.');
}

function refusalsIn(error: unknown): readonly Refusal[] {
  if (error instanceof RefusedError) return error.userErrors;
  const code = error instanceof QuorateSdkError ? error.code : 'ERROR';
  return [{ code, message: error instanceof Error ? error.message : String(error), path: [] }];
}
