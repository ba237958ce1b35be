import { backoff } from './backoff.js';
import type { Connection, Message } from './connection.js';
import { InternalError, OverflowError, QuorateSdkError } from './errors.js';
import { failureOf, isForGood, type GraphqlError } from './failures.js';
import { valueOf, type Document } from './requests.js';

/** Values that may wait to be read. */
const MAX_WAITING = 10_000;

/** The service's own failure on a websocket, and its complaint about a message of ours. */
const BROKEN: readonly unknown[] = [4400, 4406, 4429, 4500];

/** How a subscription goes on after a break without missing anything or seeing it twice. */
export interface Resumption {
  /** Called before each subscription, with its variables. */
  prepare(variables: Record<string, unknown>): Promise<void>;
  /** Takes note of a value in the variables of the next subscription; false: it has been seen before. */
  take(value: unknown, variables: Record<string, unknown>): boolean;
}

interface Reader {
  resolve(result: IteratorResult<unknown>): void;
  reject(reason: unknown): void;
}

/**
 * The values of one subscription, from its creation on. Goes on by itself after a lost connection; rejects
 * with what ends it for good. `return` ends it at once.
 */
export class Watch implements AsyncIterableIterator<unknown> {
  private readonly waiting: unknown[] = [];
  private readonly readers: Reader[] = [];
  private readonly variables: Record<string, unknown>;
  private ended = false;
  /** What the next reader is told, once. */
  private failure: { readonly reason: unknown } | null = null;
  private failures = 0;
  private stop: () => void = () => undefined;
  private onEnd: () => void = () => undefined;

  constructor(
    private readonly connection: Connection,
    private readonly document: Document,
    variables: object,
    private readonly resumption: Resumption | null,
  ) {
    // Changed as values come: graphql-ws itself subscribes anew with them when the service says goodbye.
    this.variables = { ...variables };
  }

  /** @param onEnd called once, when nothing is left of it */
  start(signal: AbortSignal | undefined, onEnd: () => void): void {
    const abort = (): void => this.close(signal?.reason);
    this.onEnd = () => {
      signal?.removeEventListener('abort', abort);
      onEnd();
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    else this.run().catch((error: unknown) => this.end(error));
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.waiting.length > 0) return Promise.resolve({ done: false, value: this.waiting.shift() });
    if (this.failure) {
      const { reason } = this.failure;
      this.failure = null;
      return Promise.reject(reason);
    }
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<unknown>> {
    this.waiting.length = 0;
    this.failure = null;
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends it at once with the reason; what was not read is gone. */
  close(reason: unknown): void {
    this.waiting.length = 0;
    this.end(reason);
  }

  private async run(): Promise<void> {
    for (;;) {
      await this.resumption?.prepare(this.variables);
      if (this.ended) return;
      const failure = await this.follow();
      if (this.ended) return;
      if (failure instanceof QuorateSdkError) {
        if (isForGood(failure)) throw failure;
      } else if (failure !== undefined) {
        await this.connection.worthAnotherTry(failure);
      }
      this.failures++;
      await this.pause(failure instanceof QuorateSdkError || failure === undefined);
    }
  }

  /**
   * Subscribes until that ends; resolves with why: an error of ours, or what was thrown at the connection, or
   * undefined when the service has ended it, which it does when it stops.
   */
  private follow(): Promise<unknown> {
    return new Promise((resolve) => {
      const end = this.connection.subscribe(this.document.text, this.variables, {
        next: (message) => {
          const failure = this.take(message as Message);
          if (!failure) return;
          end();
          resolve(failure);
        },
        error: (error) => resolve(this.understand(error)),
        complete: () => resolve(undefined),
      });
      this.stop = () => {
        end();
        resolve(undefined);
      };
    });
  }

  private take(message: Message): QuorateSdkError | undefined {
    if (this.ended) return undefined;
    let value: unknown;
    try {
      value = valueOf(this.document, message);
    } catch (error) {
      return error as QuorateSdkError;
    }
    this.failures = 0;
    if (this.resumption && !this.resumption.take(value, this.variables)) return undefined;
    const reader = this.readers.shift();
    if (reader) reader.resolve({ done: false, value });
    else if (this.waiting.length < MAX_WAITING) this.waiting.push(value);
    else return tooSlow(this.document);
    return undefined;
  }

  private understand(error: unknown): unknown {
    if (Array.isArray(error)) return failureOf(error as readonly GraphqlError[]);
    const { code, reason } = (error ?? {}) as { code?: unknown; reason?: string };
    if (!BROKEN.includes(code)) return error;
    return new InternalError(`The service has closed the websocket: ${code} ${reason}`, null, error);
  }

  /** @param own whether it is this subscription that failed, and not the connection of all */
  private pause(own: boolean): Promise<void> {
    const ms = Math.max(this.connection.pauseMs, own ? backoff(this.failures) : 0);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.stop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private end(reason: unknown): void {
    if (this.ended) return;
    this.failure = { reason };
    this.finish();
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.stop();
    for (const reader of this.readers.splice(0)) this.next().then(reader.resolve, reader.reject);
    this.onEnd();
  }
}

function tooSlow({ field }: Document): OverflowError {
  return new OverflowError(
    `${MAX_WAITING} values of ${field} wait to be read, and no more are kept. Read faster, doing the work beside ` +
      'the loop; a feed of actions goes on when it is watched again with afterRevision, the revision of the last one read.',
  );
}
