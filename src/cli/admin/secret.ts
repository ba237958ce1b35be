import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { readSecret } from './connection.js';
import { UsageError } from './exit-status.js';

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
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`The password of ${whose} is needed: give --password-file or QUORATE_PASSWORD.`);
  }
  return ask(`Password of ${whose}: `, signal);
}

/** As above, but where none is needed nobody is asked. */
export function givenPassword({ passwordFile }: { passwordFile?: string | undefined }): string | undefined {
  return passwordFile === undefined ? process.env['QUORATE_PASSWORD'] || undefined : readSecret(passwordFile);
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await lines.question('', { signal });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
