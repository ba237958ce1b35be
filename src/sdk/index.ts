/** The client for Node.js; bundlers for browsers take browser.ts instead (package.json, "exports"). */
import { clientWith, type QuorateClient } from './client.js';
import type { ClientOptions } from './options.js';

export * from './public.js';

/** A client of one or several members. Connects when it is first used; close it at the end. */
export function createClient(options: ClientOptions): QuorateClient {
  // Loaded with the first subscription: most commands need none.
  return clientWith(options, async () => (await import('ws')).WebSocket);
}
