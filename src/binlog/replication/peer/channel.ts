import { QuorateError } from '../../../common/errors.js';
import type { PeerMessage } from './messages.js';

/** A member cannot be reached, or one of the two does not trust the other. */
export class PeerUnreachableError extends QuorateError {
  constructor(
    member: string,
    reasons: readonly string[],
    /** Whether its machine answers that nothing listens there: the process is gone. */
    readonly isGone: boolean,
  ) {
    const why = reasons.length > 0 ? reasons.join('; ') : 'no address of it is known';
    super('PEER_UNREACHABLE', `Member ${member} cannot be reached: ${why}`);
  }
}

/** A conversation between two members that know who the other one is. */
export interface PeerChannel {
  /** The name of the member at the other end. */
  readonly peer: string;
  /** Aborted when nothing can be said or heard any more. */
  readonly signal: AbortSignal;
  /**
   * Resolves when there is room for more; bytes may be changed from then on. Rejects when the channel has ended.
   */
  send(message: PeerMessage): Promise<void>;
  /** The next message, its bytes valid until the next call; null at the end. Rejects when the channel broke. */
  receive(): Promise<PeerMessage | null>;
  /** Idempotent. */
  close(): void;
}

/** How a member reaches the others. */
export interface PeerNetwork {
  /** @throws PeerUnreachableError */
  connect(member: string, signal: AbortSignal): Promise<PeerChannel>;
}

/** What becomes of a conversation that another member has begun. Resolves when it is over; never rejects. */
export type PeerHandler = (channel: PeerChannel) => Promise<void>;
