import { createPrivateKey, X509Certificate } from 'node:crypto';
import { errorMessage } from '../../common/errors.js';
import { refuse, type Field } from '../../common/refused.js';
import type { TlsMode } from '../syncer/source-options.js';

/** As a person gives it; PEM texts. */
export interface TlsSettings {
  readonly mode: TlsMode;
  readonly ca?: string | null | undefined;
  readonly cert?: string | null | undefined;
  readonly key?: string | null | undefined;
}

/**
 * Refuses texts that are no certificates or keys, and a certificate and a key that do not belong together. A connection
 * would overlook the former, and fail with the latter.
 */
export function checkTls({ ca = null, cert = null, key = null }: TlsSettings): void {
  if (cert === null && key !== null)
    refuse('INVALID_INPUT', ['tls', 'cert'], 'A key was given without its certificate (cert).');
  if (cert !== null && key === null)
    refuse('INVALID_INPUT', ['tls', 'key'], 'A certificate was given without its key (key).');
  if (ca !== null) parse(['tls', 'ca'], () => new X509Certificate(ca));
  if (cert === null || key === null) return;
  const certificate = parse(['tls', 'cert'], () => new X509Certificate(cert));
  const privateKey = parse(['tls', 'key'], () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    refuse('INVALID_INPUT', ['tls', 'key'], 'It is not the key of the certificate (cert).');
}

function parse<T>(field: Field, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(
      'INVALID_INPUT',
      field,
      `It is not the PEM text that it should be: ${errorMessage(error)}.`,
    );
  }
}
