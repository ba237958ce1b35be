/** How to reach etcd. Times are in milliseconds. */
export interface EtcdCoordinatorOptions {
  /** "http://host:port", "https://host:port" or "host:port" (plain text); at least one. */
  readonly endpoints: readonly string[];
  /** Every key of the cluster lies under it, e.g. "/quorate/default/". */
  readonly root: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM. Without `ca` the authorities that Node.js knows are trusted. */
  readonly tls?: EtcdTlsOptions;
  /** Deadline of each call to one endpoint; default 3,000. */
  readonly callTimeoutMs?: number;
  /** For how long the outcome of a write is sought, and a write that came to nothing repeated; default 15,000. */
  readonly outcomeTimeoutMs?: number;
}

export interface EtcdTlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export const DEFAULT_CALL_TIMEOUT_MS = 3_000;
export const DEFAULT_OUTCOME_TIMEOUT_MS = 15_000;
