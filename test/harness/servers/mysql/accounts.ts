/** May do everything, from 127.0.0.1. */
export const ROOT = { user: 'root', password: 'rootpw' } as const;

/** May replicate, from anywhere. Native password; on MySQL 9.x caching_sha2. */
export const REPL = { user: 'repl', password: 'replpw' } as const;

export const REPLICATION_PRIVILEGES = 'REPLICATION SLAVE, REPLICATION CLIENT';
