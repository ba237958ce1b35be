/** Something has happened in a simulated world that must never happen. */
export class InvariantError extends Error {}

/** Nothing goes on, though nothing keeps it from that. */
export class StalledError extends Error {}
