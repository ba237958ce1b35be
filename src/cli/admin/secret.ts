import { readSecret } from './connection.js';
import { UsageError } from './exit-status.js';
import { ask, canAsk } from './prompt.js';

export interface PasswordOptions {
  readonly passwordFile?: string;
}

/**
 * A password: from the file, from QUORATE_PASSWORD, or typed without being shown. Never an argument, which
 * everybody on the machine could read in the list of processes.
 */
export async function password(
  { passwordFile }: PasswordOptions,
  whose: string,
  signal: AbortSignal,
): Promise<string> {
  const given = givenPassword({ passwordFile });
  if (given !== undefined) return given;
  if (!canAsk()) {
    throw new UsageError(`The password of ${whose} is needed: give --password-file or QUORATE_PASSWORD.`);
  }
  return ask(`Password of ${whose}: `, true, signal);
}

/** As above, but where none is needed nobody is asked. */
export function givenPassword({ passwordFile }: { passwordFile?: string | undefined }): string | undefined {
  return passwordFile === undefined ? process.env['QUORATE_PASSWORD'] || undefined : readSecret(passwordFile);
}
