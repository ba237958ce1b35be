import { errorMessage, QuorateError } from '../common/errors.js';
import type { Logger } from '../telemetry/logger.js';

/** A process that was asked to stop ends within this time, come what may, in milliseconds. */
const STOP_DEADLINE_MS = 9_500;

/**
 * Runs until SIGTERM or SIGINT, then stops in order; the exit status is 0 when that went well.
 * @param part its `stop` also ends a `start` that is under way, which then rejects or is stopped once more; when it
 *   cannot go on, its `failed` rejects, and so does this, everything stopped before
 */
export async function runUntilStopped(
  part: { start(): Promise<void>; stop(): Promise<void>; readonly failed?: Promise<never> },
  log: Logger,
  onStarted: () => void,
): Promise<void> {
  const stopped = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const starting = part.start();
  const early = await Promise.race([starting, stopped]);
  if (early === undefined) onStarted();
  const failure = part.failed?.catch((error: unknown) => new EndedError(error));
  const cause = early ?? (await Promise.race(failure ? [stopped, failure] : [stopped]));
  log.info({ signal: cause instanceof EndedError ? cause.message : cause }, 'Stopping');
  const deadline = setTimeout(() => {
    log.error('Stopping took too long; giving up');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  await part.stop();
  if (early !== undefined) {
    // A start may wait for long, for the session of a predecessor to end for instance: the stop ended that.
    await starting.then(
      () => part.stop(),
      (error: unknown) => log.info({ reason: errorMessage(error) }, 'Stopped while starting'),
    );
  }
  clearTimeout(deadline);
  if (cause instanceof EndedError) throw cause.cause;
}

/** What a process ended by itself for. */
class EndedError extends QuorateError {
  constructor(cause: unknown) {
    super('ENDED', errorMessage(cause), { cause });
  }
}
