/**
 * The monotonic time of the current turn. Reading the system's clock for every request would cost more than
 * parsing it, so it is read once for every chunk of bytes that arrives.
 */
export class CachedClock {
  /** Milliseconds. */
  now = performance.now();

  update(): number {
    this.now = performance.now();
    return this.now;
  }
}
