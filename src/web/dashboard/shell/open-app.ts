import {
  CompactedError,
  ForbiddenError,
  OverflowError,
  UnauthenticatedError,
  type QuorateClient,
} from '../../../sdk/browser.js';
import type { AppContext } from '../state/context.js';
import { Connection } from '../state/connection.js';
import { Live } from '../state/live.js';

export interface AppOptions {
  readonly client: QuorateClient;
  readonly viewer: AppContext['viewer'];
  readonly notify: AppContext['notify'];
  /** The session is over. */
  readonly leave: (error?: unknown) => void;
  /** What was followed has moved on too far: everything is read anew. */
  readonly restart: () => void;
}

export interface OpenApp {
  readonly context: AppContext;
  readonly connection: Connection;
  stop(): void;
}

/** What a session works with: what is followed begins to be followed. */
export function openApp({ client, viewer, notify, leave, restart }: AppOptions): OpenApp {
  const stop = (): void => {
    live.stop();
    void client.close();
  };
  const live = new Live(client, (error) => {
    if (error instanceof UnauthenticatedError || error instanceof ForbiddenError) return leave(error);
    if (error instanceof CompactedError || error instanceof OverflowError) {
      stop();
      return restart();
    }
    notify(error instanceof Error ? error.message : String(error), 'bad');
  });
  const connection = new Connection(client, live);
  live.start();
  return { context: { client, live, viewer, notify, leave: () => leave() }, connection, stop };
}
