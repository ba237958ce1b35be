/** Runs one piece of work at a time, in the order in which they were given. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  /** The outcome of the work. It begins when all that was given before it has ended, however that ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
