import type { PeerMessage } from './messages.js';

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
  /** Rejects when the member cannot be reached, or one of the two does not trust the other. */
  connect(member: string, signal: AbortSignal): Promise<PeerChannel>;
}

/** What becomes of a conversation that another member has begun. Resolves when it is over; never rejects. */
export type PeerHandler = (channel: PeerChannel) => Promise<void>;
