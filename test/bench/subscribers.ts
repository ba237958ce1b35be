import { WebSocket } from 'ws';

export interface Subscription {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** One websocket with its subscriptions, as thin as a client can be: the bench runs a thousand of them. */
export class Subscriber {
  private constructor(private readonly socket: WebSocket) {}

  /** @param onEvent called with the text of every event, and the number of its subscription */
  static async connect(
    url: string,
    subscriptions: readonly Subscription[],
    onEvent: (text: string, subscription: number) => void,
  ): Promise<Subscriber> {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => socket.send('{"type":"connection_init"}'));
      socket.once('error', reject);
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text.startsWith('{"type":"connection_ack"')) resolve();
        else if (text.startsWith('{"type":"ping"')) socket.send('{"type":"pong"}');
        const id = /^\{"id":"(\d+)","type":"next"/.exec(text)?.[1];
        if (id !== undefined) onEvent(text, Number(id));
      });
    });
    subscriptions.forEach((payload, id) =>
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload })),
    );
    return new Subscriber(socket);
  }

  /** Reads nothing any more, like a process that hangs. */
  stall(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.terminate();
  }
}
