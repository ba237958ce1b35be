import { Connection, type ConnectionState } from './connection.js';
import { Endpoints } from './endpoints.js';
import { ClosedError } from './errors.js';
import { documents } from './generated/documents.js';
import type { Operations } from './generated/methods.js';
import type { CallOptions, ClientOptions, WebSocketConstructor } from './options.js';
import { Requests, type Document } from './requests.js';
import { resumeActions } from './resume-actions.js';
import { Watch } from './watch.js';

export interface QuorateClient extends Operations {
  /**
   * Tells how the websocket of the subscriptions is, from the next change on; it is open only while something is
   * subscribed to. Returns the way to end it.
   */
  onConnection(listener: (state: ConnectionState) => void): () => void;
  /** Ends all calls and subscriptions, which reject with a ClosedError, and leaves nothing behind. */
  close(): Promise<void>;
}

const PROBE: Document = { kind: 'query', field: '__typename', text: '{__typename}' };

/** @param defaultWebSocket what is taken when the options name none */
export function clientWith(
  options: ClientOptions,
  defaultWebSocket: () => Promise<WebSocketConstructor>,
): QuorateClient {
  const endpoints = new Endpoints(options.url);
  const requests = new Requests(endpoints, options);
  const { webSocket, token } = options;
  const connection = new Connection({
    endpoints,
    token,
    webSocket: webSocket ? () => Promise.resolve(webSocket) : defaultWebSocket,
    probe: () => requests.send(PROBE, {}, undefined),
  });
  const watches = new Set<Watch>();
  let closed = false;

  const watch = (document: Document, variables: object, signal: AbortSignal | undefined): Watch => {
    if (closed) throw new ClosedError();
    const resumption = document === documents.watchActions ? resumeActions(revision) : null;
    const made = new Watch(connection, document, variables, resumption);
    watches.add(made);
    made.start(signal, () => watches.delete(made));
    return made;
  };

  const methods = Object.entries<Document>(documents).map(([name, document]) => {
    const method = (variables: object = {}, { signal }: CallOptions = {}): unknown =>
      document.kind === 'subscription'
        ? watch(document, variables, signal)
        : requests.send(document, variables, signal);
    return [name, method] as const;
  });
  const operations = Object.fromEntries(methods) as unknown as Operations;

  const revision = async (): Promise<string> => (await operations.cluster()).coordinator.revision;

  return {
    ...operations,
    onConnection: (listener) => connection.onState(listener),
    close: async () => {
      closed = true;
      for (const open of [...watches]) open.close(new ClosedError());
      requests.close();
      await connection.close();
    },
  };
}
