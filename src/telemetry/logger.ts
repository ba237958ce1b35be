import { pino, type Logger } from 'pino';

export type { Logger };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/**
 * JSON lines on standard error. Standard output belongs to what a command answers.
 * Nothing secret is ever passed in; the redaction list is the second line of defence.
 */
export function createLogger(level: LogLevel, base: Record<string, string> = {}): Logger {
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['password', '*.password', 'authorization', '*.authorization', 'token', '*.token'],
        censor: '***',
      },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
