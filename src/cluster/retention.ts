import { delay } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import type { Leadership } from '../coordinator/leadership.js';
import type { Logger } from '../telemetry/logger.js';
import type { ActionFeed } from './feed.js';
import type { IdempotencyKeys } from './idempotency.js';

/** Above this the feed is collected by itself: it lives in the coordinator, which keeps all of it in memory. */
const MAX_ACTIONS = 20_000;
const KEEP_ACTIONS = 10_000;
const LOOK_INTERVAL_MS = 60_000;

/**
 * A duty of the leader: keeps the action feed from growing without end, and forgets idempotency keys that are old enough. Ends
 * with leadership.
 */
export async function forgetOldRecords(
  { feed, idempotency }: { readonly feed: ActionFeed; readonly idempotency: IdempotencyKeys },
  leadership: Leadership,
  log: Logger,
): Promise<void> {
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, `${what} could not be collected; trying again later`);
    }
  };
  while (leadership.isHeld()) {
    await attempt('The action feed', async () => {
      if (feed.all().length <= MAX_ACTIONS) return;
      const { collected } = await feed.collect({ keepLast: KEEP_ACTIONS }, 'quorate');
      log.info({ collected }, 'Collected old entries of the action feed');
    });
    await attempt('Old idempotency keys', () => idempotency.sweep([leadership.condition]));
    await delay(LOOK_INTERVAL_MS, leadership.signal).catch(() => undefined);
  }
}
