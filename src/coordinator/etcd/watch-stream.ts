import type { IWatchRequest, IWatchResponse } from 'etcd3';
import type { EtcdClient, EtcdStream } from './client.js';

/** A stream that says nothing for this long is asked whether it is still there. */
const QUIET_MS = 4_000;

/**
 * The messages of one watch on one connection, read only as fast as they are asked for: what the consumer
 * does not take stays in etcd, held back by HTTP/2 flow control.
 */
export class WatchStream {
  private readonly messages: AsyncIterator<IWatchResponse>;

  private constructor(
    private readonly stream: EtcdStream<IWatchRequest, IWatchResponse>,
    private readonly answerMs: number,
  ) {
    this.messages = stream[Symbol.asyncIterator]();
  }

  /**
   * @param startRevision the first revision to send
   * @param answerMs how long etcd may take to answer when it is asked
   */
  static async open(
    client: EtcdClient,
    range: { key: Buffer; range_end: Buffer },
    startRevision: bigint,
    answerMs: number,
  ): Promise<WatchStream> {
    const stream = await client.openWatch();
    stream.write({
      create_request: {
        ...range,
        start_revision: String(startRevision),
        fragment: true,
        progress_notify: true,
      },
    });
    return new WatchStream(stream, answerMs);
  }

  /** The next message; undefined when the stream ended. Rejects when it failed or fell silent. */
  async next(signal: AbortSignal): Promise<IWatchResponse | undefined> {
    let quiet: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const interrupted = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      quiet = setTimeout(() => {
        this.stream.write({ progress_request: {} });
        quiet = setTimeout(() => {
          reject(new Error(`the watch has been silent for ${QUIET_MS + this.answerMs} ms`));
        }, this.answerMs).unref();
      }, QUIET_MS).unref();
    });
    try {
      signal.throwIfAborted();
      const { done, value } = await Promise.race([this.messages.next(), interrupted]);
      return done === true ? undefined : (value as IWatchResponse);
    } finally {
      clearTimeout(quiet);
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.stream.cancel();
  }
}
