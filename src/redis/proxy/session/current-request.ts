import type { RequestParser } from '../resp/request-parser.js';

/** The request that a client's session has in hand. */
export interface CurrentRequest {
  /** Where its arguments are: argument `i` is `source[base + request.argStart[i], base + request.argEnd[i])`. */
  readonly source: Buffer;
  readonly base: number;
  readonly request: RequestParser;
  /** The database that the client has selected. */
  readonly database: number;
}
