import type { Journal } from '../../journal/journal.js';
import type { Segment } from '../../journal/segment.js';
import { BINLOG_MAGIC } from '../../protocol/event/event-header.js';
import { EventScanner, type EventHandler } from '../../protocol/event/event-scanner.js';

/** An event as SHOW BINLOG EVENTS lists it; positions are those of our file. */
export interface ListedEvent {
  readonly position: number;
  readonly end: number;
  readonly type: number;
  readonly serverId: number;
}

/**
 * The committed events of a segment from a position on, or from the nearest place before it that the index knows.
 * Reads a piece at a time, and no further than its reader goes.
 */
export async function* listEvents(
  journal: Journal,
  segment: Segment,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<ListedEvent> {
  const known = (await segment.entries()).findLast(({ offset }) => offset <= from)?.offset ?? 0;
  const end = Math.min(segment.endOffset, journal.committedOffset) - segment.startOffset;
  const list = new Listing();
  let position = known;
  const scanner = new EventScanner(list, true, known === 0 ? BINLOG_MAGIC.length : known, false);
  const reader = journal.reader(segment.startOffset + known);
  try {
    while (position < end) {
      const at = position;
      position += await journal.readability.reading(
        () => segment,
        async () => {
          const range = await reader.read(signal);
          const head = at === 0 ? BINLOG_MAGIC.length : 0;
          scanner.push(range.bytes, range.start + head, Math.min(range.end, range.start + end - at));
          return range.end - range.start;
        },
      );
      yield* list.take();
    }
  } finally {
    await reader.close();
  }
}

/** Whether an event of the segment, or its committed end, is at that position. */
export async function isEventBoundary(
  journal: Journal,
  segment: Segment,
  position: number,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const event of listEvents(journal, segment, position, signal)) {
    if (event.position === position || event.end === position) return true;
    if (event.position > position) return false;
  }
  return false;
}

class Listing implements EventHandler {
  private events: ListedEvent[] = [];

  onEvent({ offset, size, type, serverId }: EventScanner): void {
    this.events.push({ position: offset, end: offset + size, type, serverId });
  }

  onBytes(): void {
    // Only where they are is of interest.
  }

  onEventEnd(): void {
    // It was listed when it came.
  }

  take(): ListedEvent[] {
    const taken = this.events;
    this.events = [];
    return taken;
  }
}
