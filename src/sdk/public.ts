export type { QuorateClient } from './client.js';
export type { ConnectionState } from './connection.js';
export * from './errors.js';
export type * from './generated/methods.js';
export type * from './generated/objects.js';
export type * from './generated/types.js';
export type { CallOptions, ClientOptions, WebSocketConstructor } from './options.js';
