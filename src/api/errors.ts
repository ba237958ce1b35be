import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { errorMessage, QuorateError } from '../common/errors.js';
import { RefusedError } from '../common/refused.js';
import { isTooManyTokens, MAX_TOKENS } from './limits.js';
import type { Logger } from '../telemetry/logger.js';

/** Codes of ours that a client may see as they are, and what they are called in the API. */
const PUBLIC_CODES: ReadonlyMap<string, string> = new Map([
  ['UNAVAILABLE', 'UNAVAILABLE'],
  ['OUTCOME_UNKNOWN', 'TIMEOUT'],
  ['COMPACTED', 'COMPACTED'],
  ['NO_LEADER', 'NO_LEADER'],
  ['TIMEOUT', 'TIMEOUT'],
]);

/**
 * What a client sees of an error, on both transports. Errors of GraphQL itself and those with a public code
 * pass; everything else is a defect or a foreign failure: it is logged in full under an id, and the client
 * sees only the id.
 */
export function formatError(error: unknown, log: Logger): GraphQLFormattedError {
  const wrapped =
    error instanceof GraphQLError
      ? error
      : new GraphQLError(errorMessage(error), { originalError: asError(error) });
  const original = wrapped.originalError;
  if (!original || original instanceof GraphQLError) {
    if (isTooManyTokens(wrapped.message)) {
      const message = `The document has more than ${MAX_TOKENS} tokens.`;
      return { message, extensions: { code: 'LIMIT_EXCEEDED' } };
    }
    // A rule of ours has its own code, which Apollo replaces by one for all rules.
    const { code = wrapped.extensions['code'] } = original?.extensions ?? {};
    const shown = withoutTransport(wrapped.toJSON());
    return code === undefined ? shown : { ...shown, extensions: { ...shown.extensions, code } };
  }
  const code = original instanceof QuorateError ? PUBLIC_CODES.get(original.code) : undefined;
  const place = {
    ...(wrapped.locations && { locations: wrapped.locations }),
    ...(wrapped.path && { path: wrapped.path }),
  };
  if (code !== undefined) return { message: original.message, ...place, extensions: { code } };
  if (original instanceof RefusedError) {
    return { message: original.message, ...place, extensions: { code: 'BAD_USER_INPUT' } };
  }
  const id = randomUUID();
  log.error({ err: original, errorId: id, path: wrapped.path }, 'A request failed unexpectedly');
  return {
    message: `Something went wrong in this member; its log says what, under the id ${id}.`,
    ...place,
    extensions: { code: 'INTERNAL', errorId: id },
  };
}

/** How the answer is sent over HTTP is not for its reader. */
function withoutTransport({ extensions, ...error }: GraphQLFormattedError): GraphQLFormattedError {
  if (extensions === undefined) return error;
  const { http: _http, ...rest } = extensions;
  return { ...error, extensions: rest };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
