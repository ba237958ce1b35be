/** How many shards the key space has; a constant of the protocol between proxies, members and clients. */
export const SLOT_COUNT = 1024;

/** Redis databases that a session may SELECT: 0 to 15. */
export const DATABASE_COUNT = 16;

export type SlotStatus = 'OFFLINE' | 'ONLINE' | 'PRE_MIGRATE' | 'MIGRATE';
