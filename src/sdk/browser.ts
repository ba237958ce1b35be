import { clientWith, type QuorateClient } from './client.js';
import { QuorateSdkError } from './errors.js';
import type { ClientOptions, WebSocketConstructor } from './options.js';

export * from './public.js';

/** A client of one or several members. Connects when it is first used; close it at the end. */
export function createClient(options: ClientOptions): QuorateClient {
  return clientWith(options, () => {
    const { WebSocket } = globalThis as { WebSocket?: WebSocketConstructor };
    return WebSocket ? Promise.resolve(WebSocket) : Promise.reject(new NoWebSocketError());
  });
}

class NoWebSocketError extends QuorateSdkError {
  constructor() {
    super('NO_WEBSOCKET', 'There is no WebSocket here: give one to createClient as the option webSocket.');
  }
}
