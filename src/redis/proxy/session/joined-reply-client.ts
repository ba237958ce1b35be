import type { ReplyTarget } from '../backend/reply-target.js';
import type { OutputBuffer } from '../output-buffer.js';

/** Who gets the one reply that the replies to the parts of a request have become. */
export interface JoinedReplyClient extends ReplyTarget {
  /** Counts bytes of replies to parts that wait for the other parts; negative when they wait no longer. */
  countParts(bytes: number): void;
  /** Where the reply may be written in place; null when it has to be given to takeReply. */
  outputFor(token: number): OutputBuffer | null;
  /** To be called when it has been written in place. */
  nextTaken(): void;
}
