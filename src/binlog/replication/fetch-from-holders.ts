import { errorMessage, QuorateError } from '../../common/errors.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { Journal } from '../journal/journal.js';
import { JournalUnfitError } from './adoption.js';
import { fetchCommitted } from './fetch.js';
import type { PeerNetwork } from './peer/channel.js';
import { withChannel } from './peer/with-channel.js';

/** Nobody who has what is missing here can be asked at present. */
export class HoldersUnreachableError extends QuorateError {
  constructor(journal: Journal, to: number, reasons: readonly string[]) {
    super(
      'HOLDERS_UNREACHABLE',
      `The journal in ${journal.directory} ends at offset ${journal.endOffset}, the cluster has committed up to ${to}, ` +
        `and no member that has the rest answers: ${reasons.join('; ')}. Start one of them.`,
    );
  }
}

export interface HolderOptions {
  readonly journal: Journal;
  readonly membership: MembershipView;
  readonly network: PeerNetwork;
  readonly self: { readonly name: string; readonly id: string };
}

/**
 * Fetches what is committed up to the offset from the first member that has it. Those that the commit names are asked before
 * the others, which may have got it since.
 *
 * @param holders ids of members
 * @throws HoldersUnreachableError; JournalUnfitError when there is no other member that could have it
 */
export async function fetchFromHolders(
  { journal, membership, network, self }: HolderOptions,
  to: number,
  holders: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const others = membership.members.filter(({ id }) => id !== null && id !== self.id);
  const isHolder = (id: string | null): boolean => id !== null && holders.includes(id);
  const inOrder = [...others].sort((a, b) => Number(isHolder(b.id)) - Number(isHolder(a.id)));
  const reasons: string[] = [];
  for (const { name } of inOrder) {
    signal.throwIfAborted();
    try {
      return await withChannel(network, name, signal, (channel) => fetchCommitted(journal, channel, to));
    } catch (error) {
      reasons.push(`${name}: ${errorMessage(error)}`);
    }
  }
  if (reasons.length > 0) throw new HoldersUnreachableError(journal, to, reasons);
  throw new JournalUnfitError(
    `The journal in ${journal.directory} ends at offset ${journal.endOffset}, but the cluster has committed up to ` +
      `${to}: files are missing. Restore them, or use restartJournalAfter to begin an empty one; nothing is followed or served ` +
      'meanwhile.',
  );
}
