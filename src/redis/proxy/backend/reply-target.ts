/** The slot of a pending entry whose slots are listed by its target's {@link ReplyTarget.slotAt}. */
export const SLOTS_OF_TARGET = -1;

/** Who gets the reply to a request. Exactly one of the two methods is called for each token. */
export interface ReplyTarget {
  /**
   * The reply is `bytes[start, end)`, valid only during the call unless `lasting`, in which case the bytes
   * will never be overwritten.
   */
  takeReply(token: number, bytes: Buffer, start: number, end: number, lasting: boolean): void;

  /** There will be no reply; `error` is the reply to give instead. */
  takeFailure(token: number, error: Buffer): void;

  /**
   * How many requests an entry that was sent with SLOTS_OF_TARGET counts for. The same before and after
   * takeReply, until the caller of takeReply has had time to ask.
   */
  slotCount(token: number): number;

  /** The slot that the i-th of them counts for; a slot may come more than once. */
  slotAt(token: number, i: number): number;
}
