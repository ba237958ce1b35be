import type { PeerChannel } from './channel.js';
import type { FrameSocket } from './frame-socket.js';
import { MAX_FRAME_BYTES, toMessage } from './frames.js';
import type { PeerMessage } from './messages.js';

const PING_MS = 1_000;
/** A member that is silent for so long is gone, or cannot be reached. */
const SILENCE_MS = 4_000;

/** A conversation over a socket. Pings while nothing else is said, and ends when nothing is heard. */
export class TcpChannel implements PeerChannel {
  private readonly timer: NodeJS.Timeout;
  private heardAt = performance.now();
  private beatAt = performance.now();
  private isSending = 0;
  private isReceiving = false;

  constructor(
    readonly peer: string,
    private readonly socket: FrameSocket,
  ) {
    this.timer = setInterval(() => this.beat(), PING_MS);
    socket.signal.addEventListener('abort', () => clearInterval(this.timer), { once: true });
    if (socket.signal.aborted) clearInterval(this.timer);
  }

  get signal(): AbortSignal {
    return this.socket.signal;
  }

  async send(message: PeerMessage): Promise<void> {
    this.isSending++;
    try {
      if (message.type === 'data') {
        const { bytes, ...description } = message;
        await this.socket.send(description, bytes);
      } else await this.socket.send(message);
    } finally {
      this.isSending--;
    }
  }

  async receive(): Promise<PeerMessage | null> {
    this.isReceiving = true;
    this.heardAt = performance.now();
    try {
      for (;;) {
        const frame = await this.socket.receive(MAX_FRAME_BYTES);
        if (frame === null) return null;
        this.heardAt = performance.now();
        const message = toMessage(frame.description, frame.bytes);
        if (message !== null && message.type !== 'ping') return message;
      }
    } finally {
      this.isReceiving = false;
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.close();
  }

  /** Whoever does not receive at the moment hears nothing, and that is not the other one's fault. */
  private beat(): void {
    const now = performance.now();
    // A process that stood still itself has heard nothing for that reason: the other one gets its time once more.
    const lateMs = now - this.beatAt - PING_MS;
    if (lateMs > PING_MS) this.heardAt += lateMs;
    this.beatAt = now;
    if (this.isReceiving && now - this.heardAt > SILENCE_MS) return this.close();
    if (this.isSending > 0) return;
    this.send({ type: 'ping' }).catch(() => undefined);
  }
}
