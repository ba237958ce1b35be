import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { formatError } from '../../../src/api/errors.js';
import { QuorateError } from '../../../src/common/errors.js';
import { RefusedError } from '../../../src/common/refused.js';
import {
  CompactedError,
  CoordinatorUnavailableError,
  OutcomeUnknownError,
} from '../../../src/coordinator/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';

function format(error: unknown) {
  const lines: unknown[] = [];
  const log = createLogger('info', {}, { write: (line) => void lines.push(JSON.parse(line)) });
  return { shown: formatError(error, log), lines };
}

/** As GraphQL wraps what a resolver throws. */
function thrown(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, path: ['cluster', 'name'] });
}

describe('what a client sees of an error', () => {
  test.each([
    [new CoordinatorUnavailableError('etcd is away'), 'UNAVAILABLE'],
    [new OutcomeUnknownError('unknown'), 'TIMEOUT'],
    [new CompactedError(5n), 'COMPACTED'],
    [new QuorateError('NO_LEADER', 'none leads'), 'NO_LEADER'],
    [new RefusedError([{ code: 'NOT_FOUND', field: null, message: 'no such thing' }]), 'BAD_USER_INPUT'],
  ])('%s passes as %s, with its place and without a line in the log', (error, code) => {
    const { shown, lines } = format(thrown(error));
    expect(shown).toEqual({ message: error.message, path: ['cluster', 'name'], extensions: { code } });
    expect(lines).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['a foreign error', thrown(new Error('connect ECONNREFUSED 10.0.0.1:6379'))],
    [
      'an error of ours that is not meant for clients',
      thrown(new QuorateError('REDIS_SERVER', '10.0.0.1:6379: refused')),
    ],
    ['an error that GraphQL has not seen', new Error('10.0.0.1:6379')],
    ['what is no error at all', '10.0.0.1:6379'],
    [
      'an error that calls itself by an inherited name',
      thrown(new QuorateError('constructor', '10.0.0.1:6379')),
    ],
  ])('%s is hidden behind an id, under which the log has it in full', (_, error) => {
    const { shown, lines } = format(error);
    expect(JSON.stringify(shown)).not.toContain('6379');
    const { code, errorId } = shown.extensions as { code: string; errorId: string };
    expect(code).toBe('INTERNAL');
    expect(shown.message).toContain(errorId);
    expect(lines).toMatchObject([{ errorId, err: { message: expect.stringContaining('10.0.0.1:6379') } }]);
  });

  test('errors of GraphQL itself pass with their code', () => {
    const forbidden = new GraphQLError('no', { extensions: { code: 'FORBIDDEN' } });
    expect(format(forbidden).shown).toEqual({ message: 'no', extensions: { code: 'FORBIDDEN' } });
    expect(format(thrown(forbidden)).shown.message).toBe('no');
  });
});
