import { createSecureContext } from 'node:tls';
import { errorMessage } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import type { TlsMode } from '../syncer/source-options.js';

/** As a person gives it; PEM texts. */
export interface TlsSettings {
  readonly mode: TlsMode;
  readonly ca?: string | null | undefined;
  readonly cert?: string | null | undefined;
  readonly key?: string | null | undefined;
}

/** Refuses texts that are no certificates or keys, and a certificate and a key that do not belong together. */
export function checkTls({ ca, cert, key }: TlsSettings): void {
  if ((cert ?? null) === null && (key ?? null) !== null) {
    refuse('INVALID_INPUT', 'input.tls.cert', 'A key was given without its certificate (cert).');
  }
  if ((cert ?? null) !== null && (key ?? null) === null) {
    refuse('INVALID_INPUT', 'input.tls.key', 'A certificate was given without its key (key).');
  }
  check('input.tls.ca', { ca });
  check('input.tls.cert', { cert });
  check('input.tls.key', { cert, key });
}

function check(path: string, parts: Partial<Record<'ca' | 'cert' | 'key', string | null | undefined>>): void {
  const given = Object.fromEntries(Object.entries(parts).filter(([, text]) => text != null));
  try {
    createSecureContext(given);
  } catch (error) {
    refuse('INVALID_INPUT', path, `It is not the PEM text that it should be: ${errorMessage(error)}.`);
  }
}
