import { raceAbort } from '../../common/async.js';
import { QuorateError } from '../../common/errors.js';
import type { Journal } from '../journal/journal.js';
import type { JournalWriter } from '../journal/journal-writer.js';
import type { PeerChannel } from './peer/channel.js';
import type { PeerMessage, TermId } from './peer/messages.js';
import { compareTerms } from './records.js';
import { SegmentIntake } from './segment-intake.js';

/** The other member does not do what it was asked for. */
export class PeerRefusedError extends QuorateError {
  constructor(
    peer: string,
    readonly reason: string,
    message: string,
  ) {
    super('PEER_REFUSED', `Member ${peer} refused: ${message}`);
  }
}

type DataMessage = Extract<PeerMessage, { type: 'data' }>;

export interface FollowOptions {
  readonly journal: Journal;
  readonly channel: PeerChannel;
  /** The newest one, which the journal knows. */
  readonly term: TermId;
  /** The leader says that everything up to the offset is committed. */
  readonly onCommitted: (offset: number) => void;
  /** More is on this disk. */
  readonly onDurable: () => void;
  /** Something has come. */
  readonly onMessage: () => void;
}

/**
 * Takes everything that the leader sends under one term, syncs it, and only then says so (docs/replication.md, rule
 * 4). Resolves when the leader ends it. What is not whole by then is thrown away.
 *
 * @throws PeerRefusedError, IntakeError, BinlogEventError, JournalWriteError; whatever broke the channel
 */
export async function follow(options: FollowOptions): Promise<void> {
  const { journal, channel, term } = options;
  await copyingInto(journal, async (writer) => {
    const intake = new SegmentIntake(journal, writer);
    const acknowledgements = new Acknowledgements(channel, term);
    writer.onDurable((offset) => {
      acknowledgements.send(offset);
      options.onDurable();
    });
    // The leader may have nothing more to send: whoever waits for that would not learn that nothing can be written.
    writer.onFailure(() => channel.close());
    try {
      await channel.send({ type: 'follow', term, from: journal.endOffset });
      for (let message = await channel.receive(); message; message = await channel.receive()) {
        options.onMessage();
        await take(message, intake, writer, options);
      }
    } catch (error) {
      throw writer.error ?? error;
    }
    if (writer.error !== null) throw writer.error;
  });
}

/** Gives the work a writer that begins segments where another member did; what is not whole in the end is thrown away. */
export async function copyingInto(
  journal: Journal,
  work: (writer: JournalWriter) => Promise<void>,
): Promise<void> {
  const writer = await journal.openWriter({ follows: true });
  try {
    await work(writer);
  } finally {
    await writer.discard().catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
}

async function take(
  message: PeerMessage,
  intake: SegmentIntake,
  writer: JournalWriter,
  { journal, channel, term, onCommitted }: FollowOptions,
): Promise<void> {
  if (message.type === 'refused') throw new PeerRefusedError(channel.peer, message.code, message.message);
  const isOfTerm = 'term' in message && compareTerms(message.term, term) === 0;
  if (message.type === 'data' && isOfTerm) await takeData(message, intake, { journal, writer, channel });
  if (message.type === 'committed' && isOfTerm) onCommitted(message.offset);
}

/** Bytes that came before are left out; bytes that are missing cannot be made up for on this channel. */
export async function takeData(
  { offset, startsSegment, bytes }: DataMessage,
  intake: SegmentIntake,
  { journal, writer, channel }: { journal: Journal; writer: JournalWriter; channel: PeerChannel },
): Promise<void> {
  journal.counters.receivedBytes += bytes.length;
  if (offset < intake.offset) return;
  if (offset > intake.offset) {
    throw new QuorateError(
      'PEER_GAP',
      `Member ${channel.peer} sent offset ${offset} where ${intake.offset} was expected.`,
    );
  }
  if (!intake.take(bytes, startsSegment)) await raceAbort(writer.writable(channel.signal), channel.signal);
}

/** Says how far the disk is, the newest only: one that waits for room is overtaken. */
class Acknowledgements {
  private newest = 0;
  private isSending = false;

  constructor(
    private readonly channel: PeerChannel,
    private readonly term: TermId,
  ) {}

  send(offset: number): void {
    this.newest = offset;
    if (!this.isSending) void this.run();
  }

  private async run(): Promise<void> {
    this.isSending = true;
    try {
      for (let sent = -1; sent < this.newest;) {
        sent = this.newest;
        await this.channel.send({ type: 'ack', term: this.term, offset: sent });
      }
    } catch {
      // The channel has ended, and whoever receives from it learns why.
    } finally {
      this.isSending = false;
    }
  }
}
