import { raceAbort } from '../../common/async.js';
import { DumpClient } from './dump-client.js';
import { dumpCommand, registration, setupStatements, type DumpIdentity } from './dump-setup.js';
import type { SourceConnection } from './source-connection.js';
import { DumpRefusedError, SourceRefusedError } from './source-error.js';
import type { SourceState } from './source-state.js';

/** ROTATE and FORMAT_DESCRIPTION: behind them the source has found the file from which it sends. */
const ENOUGH_EVENTS = 2;

/**
 * Begins a dump and ends it with its first events. An account that may not see which files a source has learns only so that what
 * it needs is purged. The connection is of no more use.
 *
 * @throws SourceRefusedError when the dump cannot begin there
 */
export async function probeDump(
  source: SourceConnection,
  state: SourceState,
  identity: DumpIdentity,
  user: string,
  signal: AbortSignal,
): Promise<void> {
  for (const statement of setupStatements(state, identity)) await source.query(statement, signal);
  let events = 0;
  let client: DumpClient | null = null;
  const begun = new Promise<void>((resolve, reject) => {
    client = new DumpClient({
      ...{ stream: source.takeOver(), isSemiSync: false, onEvents: () => undefined },
      onPayloadEnd: () => {
        if (++events === ENOUGH_EVENTS) resolve();
      },
      onEnd: reject,
    });
    client.start(registration(identity), dumpCommand(identity));
  });
  try {
    await raceAbort(begun, signal);
  } catch (error) {
    if (!(error instanceof DumpRefusedError)) throw error;
    throw new SourceRefusedError(
      `The source has purged transactions, and the user '${user}' may not see which (${error.message}) ` +
        `GRANT REPLICATION CLIENT ON *.* TO '${user}'@... there, or give startAfterGtidSet.`,
      error,
    );
  } finally {
    (client as DumpClient | null)?.stop();
  }
}
