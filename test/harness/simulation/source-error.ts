/** A connection to the source is no more, as it goes with connections. */
export class ConnectionBrokenError extends Error {}
