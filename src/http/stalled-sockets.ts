import type { WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../telemetry/logger.js';

const CHECK_INTERVAL_MS = 1_000;

/** For a client that does what this server does not put up with (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008;

/** How long the reason may take to reach the client before its connection is cut, in milliseconds. */
const GOODBYE_MS = 1_000;

interface Waiting {
  readonly bytes: number;
  readonly since: number;
}

/**
 * Drops subscribers that read nothing any more. Events are not queued for them, but what was being sent when
 * they stopped stays in memory, and their subscriptions stay open.
 */
export class StalledSockets {
  private readonly waiting = new Map<WebSocket, Waiting>();
  private readonly cuts = new Set<NodeJS.Timeout>();
  private timer: NodeJS.Timeout | undefined;

  /** @param stallMs how long a client may take nothing while something is waiting for it */
  constructor(
    private readonly server: WebSocketServer,
    private readonly stallMs: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.check(), Math.min(CHECK_INTERVAL_MS, this.stallMs / 2));
  }

  stop(): void {
    clearInterval(this.timer);
    for (const cut of this.cuts) clearTimeout(cut);
  }

  private check(): void {
    const now = performance.now();
    const { clients } = this.server;
    for (const socket of this.waiting.keys()) if (!clients.has(socket)) this.waiting.delete(socket);
    for (const socket of clients) {
      const bytes = socket.bufferedAmount;
      const before = this.waiting.get(socket);
      if (bytes === 0) this.waiting.delete(socket);
      else if (!before || bytes < before.bytes) this.waiting.set(socket, { bytes, since: now });
      else if (now - before.since >= this.stallMs) this.drop(socket, bytes);
    }
  }

  private drop(socket: WebSocket, bytes: number): void {
    if (socket.readyState !== socket.OPEN) return;
    const seconds = this.stallMs / 1_000;
    this.log.warn(
      { waitingBytes: bytes },
      `A websocket client that has read nothing for ${seconds} s was dropped`,
    );
    socket.close(POLICY_VIOLATION, `Nothing was read for ${seconds} s.`);
    const cut = setTimeout(() => {
      this.cuts.delete(cut);
      socket.terminate();
    }, GOODBYE_MS);
    this.cuts.add(cut);
  }
}
