/** What the client needs of a WebSocket: that of browsers, or of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocol?: string | string[]) => object;

export interface ClientOptions {
  /**
   * Where a member answers, e.g. `http://127.0.0.1:4000`. Of several, the next is taken whenever one cannot
   * be reached. In a browser it may be relative to the page: `''` is the service that the page came from.
   */
  readonly url: string | readonly string[];
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Instead of the global one or, in Node.js, of that of the package `ws`. */
  readonly webSocket?: WebSocketConstructor | undefined;
  /**
   * How long one member may take to answer a call, in milliseconds; unless told, 30,000 for a query and 100,000
   * for a mutation, which the service answers in time by itself.
   */
  readonly timeoutMs?: number | undefined;
}

export interface CallOptions {
  /** Ends the call or the subscription at once, which rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
