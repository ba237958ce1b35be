import type { WebSocketConstructor } from './options.js';

interface Socket extends EventTarget {
  close(code?: number): void;
  /** In `ws`: closes without waiting for the other end. */
  terminate?(): void;
}

/** How long the goodbye may take before a socket is cut. */
const GOODBYE_MS = 1_000;
const NORMAL = 1000;

/** The sockets that graphql-ws has opened; it hands out none, and leaves those that hang to time. */
export class OpenSockets {
  private readonly sockets = new Set<Socket>();
  private closed = false;

  /** The class of which graphql-ws is to make them. */
  tracked(WebSocket: WebSocketConstructor): WebSocketConstructor {
    const Base = WebSocket as new (url: string, protocol?: string | string[]) => Socket;
    const track = (socket: Socket): void => this.add(socket);
    return class extends Base {
      constructor(url: string, protocol?: string | string[]) {
        super(url, protocol);
        track(this);
      }
    };
  }

  /** Ends all without waiting for the other end, where that is possible. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate?.();
  }

  /** Says goodbye and waits until all are closed; those that do not answer are cut. Later ones close at once. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.sockets].map(closeSocket));
  }

  private add(socket: Socket): void {
    this.sockets.add(socket);
    socket.addEventListener('close', () => this.sockets.delete(socket));
    if (this.closed) socket.close();
  }
}

async function closeSocket(socket: Socket): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
    timer = setTimeout(() => {
      socket.terminate?.();
      resolve();
    }, GOODBYE_MS);
    socket.close(NORMAL);
  });
  clearTimeout(timer);
}
