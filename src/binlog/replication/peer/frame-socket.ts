import type { Socket } from 'node:net';
import { raceAbort } from '../../../common/async.js';
import { QuorateError } from '../../../common/errors.js';
import { sharedAbortController } from '../../../coordinator/async.js';
import { encodeFrame, FRAME_HEAD_BYTES, readDescription, readFrameHead } from './frames.js';

export interface Frame {
  readonly description: unknown;
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** A socket on which frames are sent and received, one at a time in each direction. Reads no further than it is asked. */
export class FrameSocket {
  private readonly ended = sharedAbortController();
  private wake: () => void = () => undefined;
  private hasEnd = false;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('readable', () => this.wake());
    socket.on('end', () => {
      this.hasEnd = true;
      this.wake();
    });
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new QuorateError('PEER_ENDED', 'The connection has ended.')));
  }

  /** Aborted when it has ended. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** Resolves when the bytes may be changed. */
  send(description: unknown, bytes: Buffer = NOTHING): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve());
      const head = encodeFrame(description, bytes);
      if (bytes.length === 0) return void socket.write(head, done);
      socket.cork();
      socket.write(head);
      socket.write(bytes, done);
      socket.uncork();
    });
  }

  /**
   * The next frame, null at the end.
   *
   * @throws FrameError, and whatever broke the connection
   */
  async receive(maxBytes: number): Promise<Frame | null> {
    const head = await this.read(FRAME_HEAD_BYTES);
    if (head === null) return null;
    const frame = readFrameHead(head, maxBytes);
    const body = frame.length === 0 ? NOTHING : await this.read(frame.length);
    if (body === null) return null;
    return { description: readDescription(frame, body), bytes: body.subarray(frame.descriptionLength) };
  }

  close(): void {
    this.socket.destroy();
    this.end(new QuorateError('PEER_ENDED', 'This member has closed the connection.'));
  }

  private async read(length: number): Promise<Buffer | null> {
    for (;;) {
      this.ended.signal.throwIfAborted();
      const bytes = this.socket.read(length) as Buffer | null;
      // At the end, what is left comes even when it is less.
      if (bytes !== null) return bytes.length === length ? bytes : null;
      if (this.hasEnd) return null;
      await raceAbort(new Promise<void>((resolve) => (this.wake = resolve)), this.ended.signal);
    }
  }

  private end(reason: Error): void {
    this.ended.abort(reason);
  }
}
