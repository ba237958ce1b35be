import { TokenBucket } from '../../common/token-bucket.js';

/** Behind it, what is read for a follower comes from files and no longer from what is kept of the end in memory. */
const FAR_BYTES = 64 * 2 ** 20;

/** How fast a follower is sent what it lacks while it is far behind, so that the others hardly notice it. */
export interface CatchUpLimit {
  /** How fast each such follower may be sent the journal. */
  readonly bytesPerSecond: number;
  /** How much a follower may lack and is still near. */
  readonly farBytes?: number;
}

/** Holds one follower back. */
export class CatchUp {
  private readonly bucket: TokenBucket;
  private readonly farBytes: number;

  /** @param isNeeded whether commits wait for it: then nothing holds it back, at once */
  constructor({ bytesPerSecond, farBytes = FAR_BYTES }: CatchUpLimit, isNeeded: () => boolean) {
    this.bucket = new TokenBucket(() => (isNeeded() ? null : bytesPerSecond));
    this.farBytes = farBytes;
  }

  /** After so many bytes were sent, and so many that are committed are left. Rejects when the signal aborts. */
  async pace(sent: number, left: number, signal: AbortSignal): Promise<void> {
    if (left > this.farBytes) await this.bucket.take(sent, signal);
  }
}
