import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** How deep the causes of an error are followed. */
const MAX_CAUSES = 5;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

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
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['password', '*.password', 'authorization', '*.authorization', 'token', '*.token'],
        censor: '***',
      },
    },
    destination,
  );
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
