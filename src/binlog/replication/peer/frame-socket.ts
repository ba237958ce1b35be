import type { Socket } from 'node:net';
import { raceAbort, sharedAbortController } from '../../../common/async.js';
import { QuorateError } from '../../../common/errors.js';
import { FrameAssembler, type Frame } from './frame-assembler.js';
import { encodeFrame } from './frames.js';

const NOTHING = Buffer.alloc(0);

/**
 * A socket on which frames are sent and received, one at a time in each direction. While nobody receives, no more is read than
 * one frame and what came with it.
 */
export class FrameSocket {
  private readonly ended = sharedAbortController();
  private readonly assembler = new FrameAssembler();
  private wake: () => void = () => undefined;
  private hasEnd = false;
  private failure: unknown = null;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
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

  /**
   * The next bytes from the socket, which must not change before it is resumed.
   *
   * @returns false when it is to be paused
   */
  take(bytes: Buffer): boolean {
    try {
      this.assembler.take(bytes);
    } catch (error) {
      this.failure = error;
    }
    if (this.assembler.wantsMore && this.failure === null) return true;
    this.wake();
    return false;
  }

  /** Resolves when the bytes may be changed. */
  send(description: unknown, bytes: Buffer = NOTHING): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve());
      const head = encodeFrame(description, bytes.length);
      if (bytes.length === 0) return void socket.write(head, done);
      socket.cork();
      socket.write(head);
      socket.write(bytes, done);
      socket.uncork();
    });
  }

  /**
   * The next frame, its bytes valid until the next call; null at the end.
   *
   * @throws FrameError, and whatever broke the connection
   */
  async receive(maxBytes: number): Promise<Frame | null> {
    const { assembler } = this;
    this.ended.signal.throwIfAborted();
    if (this.failure === null && !this.next(maxBytes)) this.socket.resume();
    while (this.failure === null && !assembler.isWhole) {
      if (this.hasEnd) return null;
      await raceAbort(new Promise<void>((resolve) => (this.wake = resolve)), this.ended.signal);
    }
    if (this.failure !== null) throw this.failure;
    return assembler.frame();
  }

  close(): void {
    this.socket.destroy();
    this.end(new QuorateError('PEER_ENDED', 'This member has closed the connection.'));
  }

  /** Whether the next frame is here already. */
  private next(maxBytes: number): boolean {
    try {
      this.assembler.next(maxBytes);
    } catch (error) {
      this.failure = error;
    }
    return this.assembler.isWhole || this.failure !== null;
  }

  private end(reason: Error): void {
    this.ended.abort(reason);
  }
}
