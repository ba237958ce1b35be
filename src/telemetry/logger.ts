import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../common/log-levels.js';
import { LogFamily } from './log-family.js';

export type { Logger, LogLevel };

/** How deep the causes of an error are followed. */
const MAX_CAUSES = 5;

/** At the top of what is logged, and two levels below. */
const SECRET_NAMES = [
  'password',
  'authorization',
  'token',
  'secret',
  'sealedPassword',
  'sealedKey',
  'secretKey',
];

const families = new WeakMap<Logger, LogFamily>();

/**
 * JSON lines on standard error. Standard output belongs to what a command answers.
 * Nothing secret is ever passed in; the redaction list is the second line of defence.
 * @param destination standard error unless given
 */
export function createLogger(
  level: LogLevel,
  base: Record<string, string> = {},
  destination: DestinationStream = pino.destination({ dest: 2, sync: false }),
): Logger {
  const family = new LogFamily();
  const log = pino(
    {
      level,
      onChild: (child) => family.add(child),
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '***',
      },
    },
    destination,
  );
  families.set(log, family);
  return log;
}

/** Changes the level of a logger that {@link createLogger} made, and of all that were made from it. */
export function changeLogLevel(log: Logger, level: LogLevel): void {
  const before = log.level;
  if (before === level) return;
  // Under the one of the two that lets it through, if one does.
  const isLogged = log.isLevelEnabled('info');
  if (isLogged) log.info({ before, level }, 'The log level is changed');
  families.get(log)?.change(log, level);
  if (!isLogged) log.info({ before, level }, 'The log level is changed');
}

/**
 * What is logged of an error. Only what is named here: errors of client libraries carry the command that
 * failed with its arguments, which may be a password.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < MAX_CAUSES;) {
    causes.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    stack: error.stack,
    ...(causes.length > 0 && { causes }),
  };
}
