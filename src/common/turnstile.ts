/** Lets all that wait through at once, whenever it opens. */
export class Turnstile {
  private waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  /** Resolves when it opens next. */
  next(): Promise<void> {
    if (!this.waiting) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.waiting = { promise, resolve };
    }
    return this.waiting.promise;
  }

  open(): void {
    const { waiting } = this;
    this.waiting = null;
    waiting?.resolve();
  }
}
