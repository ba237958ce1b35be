import { readFileSync } from 'node:fs';
import { createClient, type QuorateClient } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';

export interface ConnectionOptions {
  /** Several by comma: the first that answers. */
  readonly url: string;
  readonly tokenFile?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** A client of the members that a command was told of. */
export function connect({ url, tokenFile, timeout }: ConnectionOptions): QuorateClient {
  return createClient({
    url: url.split(',').map((part) => part.trim()),
    token: givenToken(tokenFile),
    timeoutMs: timeout === undefined ? undefined : timeout * 1_000,
  });
}

/** The token of the file, or else of the environment; undefined when there is none. */
export function givenToken(tokenFile: string | undefined): string | undefined {
  return tokenFile === undefined ? process.env['QUORATE_TOKEN'] || undefined : readSecret(tokenFile);
}

/** The first line of a file that holds a token or a password. */
export function readSecret(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const [secret = ''] = text.split(/\r?\n/);
  if (secret === '') throw new UsageError(`${file} is empty.`);
  return secret;
}
