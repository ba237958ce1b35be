import { describe, expect, test } from 'vitest';
import { RedisServerError } from '../../../src/redis/server-client.js';
import { changeLogLevel, createLogger } from '../../../src/telemetry/logger.js';

/** What ioredis rejects with. */
function replyError(): Error {
  return Object.assign(new Error('WRONGPASS invalid username-password pair'), {
    name: 'ReplyError',
    command: { name: 'auth', args: ['hunter2'] },
  });
}

function logged(write: (log: ReturnType<typeof createLogger>) => void): {
  text: string;
  line: Record<string, unknown>;
} {
  let text = '';
  write(createLogger('info', {}, { write: (line) => void (text += line) }));
  return { text, line: JSON.parse(text) as Record<string, unknown> };
}

describe('the log', () => {
  test.each([
    ['an error', replyError()],
    ['the cause of an error', new RedisServerError('10.0.0.1:6379', 'turned us away', replyError())],
    ['one of several errors', new AggregateError([replyError()], 'all failed')],
  ])('shows no arguments of a command that failed, in %s', (_, err) => {
    const { text, line } = logged((log) => log.error({ err }, 'failed'));
    expect(text).not.toContain('hunter2');
    expect(line['err']).toMatchObject({
      message: err.message,
      stack: expect.stringContaining('logger.test'),
    });
  });

  test('shows an error with its code and what caused it', () => {
    const err = new RedisServerError(
      '10.0.0.1:6379',
      'turned us away',
      new Error('outer', { cause: 'inner' }),
    );
    const { line } = logged((log) => log.error({ err }, 'failed'));
    expect(line['err']).toMatchObject({
      type: 'RedisServerError',
      code: 'REDIS_SERVER',
      causes: ['Error: outer', 'inner'],
    });
  });

  test('survives an error that is its own cause', () => {
    const err = new Error('round');
    err.cause = err;
    expect(logged((log) => log.error({ err }, 'failed')).line['err']).toMatchObject({ message: 'round' });
  });

  test('shows nothing that is called a password or a token', () => {
    const { text } = logged((log) =>
      log.info({
        ...{ password: 'hunter2', server: { password: 'hunter2', token: 'hunter2' } },
        ...{ request: { headers: { authorization: 'hunter2' } }, record: { sealedPassword: 'hunter2' } },
      }),
    );
    expect(text).not.toContain('hunter2');
  });

  test('changes its level with all loggers that were made from it, before and after', () => {
    let text = '';
    const log = createLogger('info', {}, { write: (line) => void (text += line) });
    const child = log.child({ part: 'a' }).child({ part: 'b' });
    child.debug('one');
    changeLogLevel(log, 'debug');
    child.debug('two');
    log.child({ part: 'c' }).debug('three');
    changeLogLevel(log, 'error');
    child.warn('four');
    const said = text.trim().split('\n');
    expect(said.map((line) => JSON.parse(line).msg)).toEqual([
      ...['The log level is changed', 'two', 'three', 'The log level is changed'],
    ]);
  });
});
