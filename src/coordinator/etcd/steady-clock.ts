/** `performance.now` begins anew in each thread; the clock beneath it is one for all of them. */
const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** A moment that one thread writes and another one reads, without waiting for the other's event loop. */
export class SharedMoment {
  private readonly cell: BigInt64Array;

  constructor(readonly buffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.cell = new BigInt64Array(buffer);
  }

  /** Milliseconds on this thread's `performance.now`. */
  get value(): number {
    return Number(Atomics.load(this.cell, 0)) / 1e3 - OFFSET_MS;
  }

  set value(moment: number) {
    // Rounded down: what is valid until then is never valid for longer in the eyes of the other thread.
    Atomics.store(this.cell, 0, BigInt(Math.floor((moment + OFFSET_MS) * 1e3)));
  }
}
