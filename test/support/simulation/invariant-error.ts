/** Something has happened in a simulated world that must never happen. */
export class InvariantError extends Error {}
