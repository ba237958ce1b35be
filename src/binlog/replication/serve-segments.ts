import { delay, raceAbort } from '../../common/async.js';
import type { Journal } from '../journal/journal.js';
import type { JournalReader } from '../journal/journal-reader.js';
import type { PeerChannel } from './peer/channel.js';
import type { PeerMessage, TermId } from './peer/messages.js';

/** More than the network takes at a time makes others wait. */
const PIECE_BYTES = 256 * 1024;

/** How long a holder waits to learn from the coordinator that what it is asked for is committed. */
const LEARN_MS = 5_000;

type FetchMessage = Extract<PeerMessage, { type: 'fetch' }>;

/** Says why nothing comes of it; whether the other one hears it does not matter. */
export async function refuse(channel: PeerChannel, code: string, message: string): Promise<void> {
  await channel.send({ type: 'refused', code, message }).catch(() => undefined);
}

/** Sends the next range of the reader, in pieces of one segment each. */
export async function sendRange(
  { counters }: Pick<Journal, 'counters'>,
  reader: JournalReader,
  channel: PeerChannel,
  term: TermId,
  to = Infinity,
): Promise<number> {
  const { bytes, start, end, offset, segment } = await reader.read(channel.signal);
  const last = Math.min(end, start + (to - offset));
  for (let at = start; at < last;) {
    const next = Math.min(last, at + PIECE_BYTES);
    const startsSegment = offset + (at - start) === segment.startOffset;
    await channel.send({
      type: 'data',
      term,
      offset: offset + (at - start),
      startsSegment,
      bytes: bytes.subarray(at, next),
    });
    counters.sentBytes += next - at;
    at = next;
  }
  return last - start;
}

/** Answers a member that lacks something that is committed. Rejects when the channel breaks. */
export async function serveFetch(
  journal: Journal,
  channel: PeerChannel,
  { from, to }: FetchMessage,
): Promise<void> {
  if (journal.flavour === null || journal.term === null || from < journal.startOffset)
    return refuse(channel, 'PURGED', `Its journal begins at offset ${journal.startOffset}.`);
  if (!(await learns(journal, to, channel.signal)))
    return refuse(channel, 'BEHIND', `It knows of commits up to offset ${journal.committedOffset} only.`);
  const reader = journal.reader(from);
  try {
    for (let at = from; at < to;) at += await sendRange(journal, reader, channel, journal.term, to);
    // Whoever ends a connection on which something is unread may take back what was sent last: the other one ends it.
    while ((await channel.receive()) !== null);
  } finally {
    await reader.close();
  }
}

async function learns(journal: Journal, offset: number, signal: AbortSignal): Promise<boolean> {
  const patience = delay(LEARN_MS, signal).then(() => 'late' as const);
  patience.catch(() => undefined);
  while (journal.committedOffset < offset) {
    const news = await Promise.race([raceAbort(journal.nextCommit(), signal), patience]);
    if (news === 'late') return false;
  }
  return true;
}
