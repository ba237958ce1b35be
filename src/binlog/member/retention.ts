import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import type { JournalPurges } from '../control/journal-purges.js';
import type { Journal } from '../journal/journal.js';
import type { Retention } from '../journal/purge-plan.js';

const LOOK_INTERVAL_MS = 60_000;
const MS_PER_HOUR = 3_600_000;

export interface RetentionLimits {
  readonly keepBytes: number | undefined;
  readonly keepHours: number | undefined;
}

/** What the limits mean now. Hours count from when transactions came: their own times are whatever a client has set. */
export function retentionsOf({ keepBytes, keepHours }: RetentionLimits): Retention[] {
  return [
    ...(keepBytes === undefined ? [] : [{ keepBytes }]),
    ...(keepHours === undefined ? [] : [{ arrivedBefore: new Date(Date.now() - keepHours * MS_PER_HOUR) }]),
  ];
}

/** Keeps the journal within its limits until the signal aborts. Never rejects. */
export async function keepRetention(
  journal: Journal,
  purges: JournalPurges,
  retentions: () => readonly Retention[],
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const retention of journal.flavour === null ? [] : retentions()) {
        await purges.retain(journal, retention);
      }
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'The journal could not be purged; trying again later');
    }
    await delay(LOOK_INTERVAL_MS, signal).catch(() => undefined);
  }
}
