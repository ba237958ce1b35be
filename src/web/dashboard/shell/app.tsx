import { useEffect, useState } from 'preact/hooks';
import { createClient, ForbiddenError, UnauthenticatedError } from '../../../sdk/browser.js';
import { appContext } from '../state/context.js';
import { keepToken, keptToken } from '../../shared/session.js';
import { Login } from './login.js';
import { openApp, type OpenApp } from './open-app.js';
import { Shell } from './shell.js';
import { Toasts, useToasts } from './toasts.js';

type Stage =
  | { readonly at: 'entering' }
  | { readonly at: 'login'; readonly error: unknown }
  | { readonly at: 'in'; readonly open: OpenApp };

/** Lets somebody in, with the token of this tab or, where the service asks for none, without. */
export function App() {
  const [stage, setStage] = useState<Stage>({ at: 'entering' });
  const toasts = useToasts();

  const enter = async (token: string | null): Promise<void> => {
    setStage({ at: 'entering' });
    const client = createClient({ url: '', ...(token !== null && { token }) });
    try {
      const viewer = await client.viewer();
      keepToken(token);
      const leave = (error: unknown = null): void => {
        keepToken(null);
        open.stop();
        setStage({ at: 'login', error });
      };
      const open = openApp({
        client,
        viewer,
        notify: toasts.notify,
        leave,
        restart: () => void enter(token),
      });
      setStage({ at: 'in', open });
    } catch (error) {
      await client.close();
      const isStranger = error instanceof UnauthenticatedError || error instanceof ForbiddenError;
      // Without a token the form says by itself that one is needed.
      setStage({ at: 'login', error: isStranger && token === null ? null : error });
    }
  };
  useEffect(() => void enter(keptToken()), []);

  return (
    <>
      {stage.at === 'entering' && <p class="entering">Connecting…</p>}
      {stage.at === 'login' && <Login error={stage.error} onToken={(token) => void enter(token)} />}
      {stage.at === 'in' && (
        <appContext.Provider value={stage.open.context}>
          <Shell connection={stage.open.connection} />
        </appContext.Provider>
      )}
      <Toasts toasts={toasts.list} />
    </>
  );
}
