import {
  CompactedError,
  ForbiddenError,
  OverflowError,
  UnauthenticatedError,
  type QuorateClient,
} from '../../../sdk/browser.js';
import type { Desk } from '../state/context.js';
import { Connection } from '../state/connection.js';
import { Live } from '../state/live.js';

export interface DeskOptions {
  readonly client: QuorateClient;
  readonly viewer: Desk['viewer'];
  readonly say: Desk['say'];
  /** The session is over. */
  readonly leave: (error?: unknown) => void;
  /** What was followed has moved on too far: everything is read anew. */
  readonly restart: () => void;
}

export interface OpenDesk {
  readonly desk: Desk;
  readonly connection: Connection;
  stop(): void;
}

/** What a session works with: what is followed begins to be followed. */
export function openDesk({ client, viewer, say, leave, restart }: DeskOptions): OpenDesk {
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
    say(error instanceof Error ? error.message : String(error), 'bad');
  });
  const connection = new Connection(client, live);
  live.start();
  return { desk: { client, live, viewer, say, leave: () => leave() }, connection, stop };
}
