/** Why a request was answered with an error: what somebody who has to mend it would look for first. */
export const ERROR_KINDS = [
  /** By the proxy: a change of topology held its slot for longer than a request may be held. */
  'HELD',
  /** By the proxy: its slot has no group. */
  'SLOT_OFFLINE',
  /** By the proxy: the server did not answer in time. */
  'TIMEOUT',
  /** By the proxy: the server cannot be connected to, or the connection was lost. */
  'UNREACHABLE',
  /** The server takes no more connections. */
  'MAXCLIENTS',
  'OOM',
  'NOREPLICAS',
  'MISCONF',
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'BUSY',
  'NOPERM',
  /** NOAUTH or WRONGPASS: the client's at the proxy, or the proxy's at the server. */
  'NOAUTH',
  'CROSSSLOT',
  'NOSCRIPT',
  'WRONGTYPE',
  /** Everything else, `ERR` included. */
  'OTHER',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** How often each kind came; kinds that did not come are left out. */
export type ErrorCounts = Partial<Record<ErrorKind, number>>;

/** Kinds by which a server itself says that it cannot serve what it should, whatever the request was. */
export const REFUSALS: readonly ErrorKind[] = [
  'MAXCLIENTS',
  'OOM',
  'NOREPLICAS',
  'MISCONF',
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'NOPERM',
  'NOAUTH',
];
