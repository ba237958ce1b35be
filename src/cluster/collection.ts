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

/**
 * One kind of record: where its keys are and how its values are written. Values are JSON.
 *
 * What a newer version has written into a record beside what this one knows stays in the decoded value, so that
 * writing the record back loses nothing.
 */
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
      const raw: unknown = JSON.parse(text);
      return withUnknown(raw, this.schema.parse(raw)) as T;
    } catch (cause) {
      throw new RecordError(key, cause);
    }
  }
}

/** The parsed value, with those fields of the raw one that the schema does not know. */
function withUnknown(raw: unknown, parsed: unknown): unknown {
  if (Array.isArray(raw) && Array.isArray(parsed)) {
    return raw.length === parsed.length ? parsed.map((each, i) => withUnknown(raw[i], each)) : parsed;
  }
  if (!isObject(raw) || !isObject(parsed)) return parsed;
  const known = Object.entries(parsed).map(([name, value]) => [name, withUnknown(raw[name], value)]);
  return { ...raw, ...Object.fromEntries(known) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
