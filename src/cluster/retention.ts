import { delay } from '../common/async.js';
import { errorMessage } from '../common/errors.js';
import type { Leadership } from '../coordinator/leadership.js';
import type { Logger } from '../telemetry/logger.js';
import type { ActionFeed } from './feed.js';

/** Above this the feed is collected by itself: it lives in the coordinator, which keeps all of it in memory. */
const MAX_ACTIONS = 20_000;
const KEEP_ACTIONS = 10_000;
const LOOK_INTERVAL_MS = 60_000;

/** A duty of the leader: keeps the change feed from growing without end. Ends with leadership. */
export async function keepFeedBounded(feed: ActionFeed, leadership: Leadership, log: Logger): Promise<void> {
  while (leadership.isHeld()) {
    try {
      if (feed.all().length > MAX_ACTIONS) {
        const { collected } = await feed.collect({ keepLast: KEEP_ACTIONS }, 'quorate');
        log.info({ collected }, 'Collected old entries of the change feed');
      }
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'The change feed could not be collected; trying again later');
    }
    await delay(LOOK_INTERVAL_MS, leadership.signal).catch(() => undefined);
  }
}
