/** A term, without the offset at which it began. */
export interface TermId {
  readonly epoch: string;
  readonly generation: number;
}

/**
 * What members say to each other about the journal. Every message that speaks of bytes names the term they belong to: one
 * that comes late, twice or in another order does no harm, and a connection that loses one is given up.
 */
export type PeerMessage =
  /** A follower asks the leader for everything from its durable offset on. */
  | { readonly type: 'follow'; readonly term: TermId; readonly from: number }
  /** A member asks a holder for committed bytes, up to an offset that is committed. */
  | { readonly type: 'fetch'; readonly from: number; readonly to: number }
  /** Bytes of one segment. `startsSegment`: they are the first of one, its head. */
  | {
      readonly type: 'data';
      readonly term: TermId;
      readonly offset: number;
      readonly startsSegment: boolean;
      readonly bytes: Buffer;
    }
  /** A follower has everything up to the offset on its disk. */
  | { readonly type: 'ack'; readonly term: TermId; readonly offset: number }
  /** Everything up to the offset is committed. */
  | { readonly type: 'committed'; readonly term: TermId; readonly offset: number }
  /** Nothing comes of what was asked for; the connection ends. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  /** Nothing has to be said, but the other one is there. */
  | { readonly type: 'ping' };
