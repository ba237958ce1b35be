import { InternalError, QuorateSdkError, RefusedError, type Refusal } from '../../../sdk/browser.js';

/** What went wrong: its code, what it says, and the id under which the log has more. */
export function Failure({ error }: { error: unknown }) {
  const id = error instanceof InternalError ? error.errorId : null;
  return (
    <div class="failure" role="alert">
      {refusalsIn(error).map(({ code, message, path }) => (
        <p>
          <code>{code}</code> {message}
          {path.length > 1 && (
            <span class="quiet">
              {' '}
              (<code>{path.slice(1).join('.')}</code>)
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

function refusalsIn(error: unknown): readonly Refusal[] {
  if (error instanceof RefusedError) return error.userErrors;
  const code = error instanceof QuorateSdkError ? error.code : 'ERROR';
  return [{ code, message: error instanceof Error ? error.message : String(error), path: [] }];
}
