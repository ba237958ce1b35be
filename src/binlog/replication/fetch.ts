import { QuorateError } from '../../common/errors.js';
import type { Journal } from '../journal/journal.js';
import type { PeerChannel } from './peer/channel.js';
import { copyingInto, PeerRefusedError, takeData } from './follow.js';
import { SegmentIntake } from './segment-intake.js';

/**
 * Fetches what is committed from a member that holds it (docs/replication.md, rule 1), and returns when it is on this
 * disk.
 *
 * @param to committed, by what the coordinator says
 * @throws PeerRefusedError, IntakeError, BinlogEventError, JournalWriteError; whatever broke the channel
 */
export async function fetchCommitted(journal: Journal, channel: PeerChannel, to: number): Promise<void> {
  await copyingInto(journal, async (writer) => {
    const intake = new SegmentIntake(journal, writer);
    await channel.send({ type: 'fetch', from: journal.endOffset, to });
    while (intake.offset < to) {
      const message = await channel.receive();
      if (message === null) throw new QuorateError('PEER_ENDED', `Member ${channel.peer} ended too early.`);
      if (message.type === 'refused') throw new PeerRefusedError(channel.peer, message.code, message.message);
      if (message.type === 'data') await takeData(message, intake, { journal, writer, channel });
    }
    await writer.flush();
  });
}
