import { useState } from 'preact/hooks';
import { Failure } from '../parts/failure.js';

/** Asks for a token. */
export function Login({ error, onToken }: { error: unknown; onToken: (token: string) => void }) {
  const [token, setToken] = useState('');
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') onToken(token.trim());
        }}
      >
        <h1>Quorate</h1>
        <div class="field">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            autofocus
            placeholder="qt_…"
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
          <small>
            Kept for this tab only. <code>quorate token create --name YOU --role VIEWER</code> makes one.
          </small>
        </div>
        {error !== null && <Failure error={error} />}
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
