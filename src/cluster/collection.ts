import type { z } from 'zod';
import { errorMessage, QuorateError } from '../common/errors.js';

/** A record as the coordinator holds it, decoded. */
export interface Stored<T> {
  /** The key without the collection's prefix. */
  readonly id: string;
  readonly value: T;
  /** Coordinator revision of its last change. */
  readonly revision: bigint;
  readonly createRevision: bigint;
}

/** A stored record that this build cannot read: a newer build wrote it, or somebody edited it by hand. */
export class RecordError extends QuorateError {
  constructor(key: string, cause: unknown) {
    super(
      'RECORD',
      `The coordinator's record "${key}" cannot be read: ${errorMessage(cause)}. Was it written by a newer version?`,
      { cause },
    );
  }
}

/** One kind of record: where its keys are and how its values are written. Values are JSON. */
export class Collection<T> {
  constructor(
    /** Ends in a slash. */
    readonly prefix: string,
    private readonly schema: z.ZodType<T>,
  ) {}

  key(id: string | number): string {
    return `${this.prefix}${id}`;
  }

  encode(value: T): string {
    return JSON.stringify(value);
  }

  decode(key: string, text: string): T {
    try {
      return this.schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new RecordError(key, cause);
    }
  }
}
