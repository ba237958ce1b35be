/** Events that may leave in one turn of the event loop; each takes some 30 µs. */
const PER_TURN = 32;

const waiting: (() => void)[] = [];
let scheduled = false;

/**
 * Resolves when it is the caller's turn to produce an event. Sending to a client that reads takes no wait at
 * all, so that without turns one change for a thousand subscribers, or a source that never runs dry, would
 * keep everything else in this process from running.
 */
export function fairTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (scheduled) return;
    scheduled = true;
    setImmediate(release);
  });
}

function release(): void {
  for (const resolve of waiting.splice(0, PER_TURN)) resolve();
  scheduled = waiting.length > 0;
  if (scheduled) setImmediate(release);
}
