import { raceAbort } from '../../common/async.js';
import type { Journal } from '../journal/journal.js';
import type { CatchUp } from './catch-up.js';
import type { PeerChannel } from './peer/channel.js';
import type { PeerMessage, TermId } from './peer/messages.js';
import type { Quorum } from './quorum.js';
import { compareTerms } from './records.js';
import { sendRange } from './serve-segments.js';

export type FollowMessage = Extract<PeerMessage, { type: 'follow' }>;

export interface FollowerStreamOptions {
  readonly journal: Journal;
  readonly channel: PeerChannel;
  readonly quorum: Quorum;
  readonly catchUp: CatchUp;
  readonly term: TermId;
  /** The follower's id. */
  readonly id: string;
  /** What the follower has on its disk has become more. */
  readonly onAcknowledged: () => void;
}

/**
 * Sends one follower everything that is durable here from its own end on, tells it of commits, and notes what it has. Resolves
 * when the follower ends it; rejects when the channel breaks.
 */
export async function streamToFollower(
  options: FollowerStreamOptions,
  { from }: FollowMessage,
): Promise<void> {
  const { quorum, id, onAcknowledged, channel } = options;
  quorum.acknowledge(id, from);
  onAcknowledged();
  try {
    await Promise.race([send(options, from), receive(options)]);
  } finally {
    quorum.forget(id);
    channel.close();
  }
}

async function send(
  { journal, channel, catchUp, term }: FollowerStreamOptions,
  from: number,
): Promise<never> {
  const reader = journal.durableReader(from);
  let [at, told] = [from, 0];
  try {
    for (;;) {
      const { committedOffset } = journal;
      if (committedOffset > told) {
        told = committedOffset;
        await channel.send({ type: 'committed', term, offset: told });
      } else if (at < journal.endOffset) {
        const sent = await sendRange(journal, reader, channel, term);
        at += sent;
        await catchUp.pace(sent, journal.committedOffset - at, channel.signal);
      } else {
        const news = Promise.race([journal.nextCommit(), journal.nextDurable()]);
        await raceAbort(news, channel.signal);
      }
    }
  } finally {
    await reader.close();
  }
}

async function receive({ channel, quorum, term, id, onAcknowledged }: FollowerStreamOptions): Promise<void> {
  for (let message = await channel.receive(); message; message = await channel.receive()) {
    if (message.type !== 'ack' || compareTerms(message.term, term) !== 0) continue;
    if (message.offset <= (quorum.offsetOf(id) ?? 0)) continue;
    quorum.acknowledge(id, message.offset);
    onAcknowledged();
  }
}
