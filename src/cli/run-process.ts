import { errorMessage } from '../common/errors.js';
import type { Logger } from '../telemetry/logger.js';

/** A process that was asked to stop ends within this time, come what may, in milliseconds. */
const STOP_DEADLINE_MS = 9_500;

/** Runs until SIGTERM or SIGINT, then stops in order; the exit status is 0 when that went well. */
export async function runUntilStopped(
  part: { start(): Promise<void>; stop(): Promise<void> },
  log: Logger,
  onStarted: () => void,
): Promise<void> {
  const stopped = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const starting = part.start();
  const signal = await Promise.race([starting, stopped]);
  if (signal === undefined) {
    onStarted();
    log.info({ signal: await stopped }, 'Stopping');
  }
  const deadline = setTimeout(() => {
    log.error('Stopping took too long; giving up');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  await starting.catch((error: unknown) =>
    log.warn({ reason: errorMessage(error) }, 'Stopped while starting'),
  );
  await part.stop();
  clearTimeout(deadline);
}
