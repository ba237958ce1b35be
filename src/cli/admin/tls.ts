import { readFileSync } from 'node:fs';
import type { Option } from 'commander';
import type { TlsInput, TlsMode } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';
import { option } from './leaf.js';
import { constant } from './parsers.js';

export interface TlsOptions {
  readonly tls?: TlsMode;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function tlsOptions(): Option[] {
  return [
    option('--tls <mode>', 'disabled, preferred, required, verify-ca or verify-identity', constant),
    option('--tls-ca <file>', 'PEM file of the authorities to trust'),
    option('--tls-cert <file>', 'PEM file of the certificate'),
    option('--tls-key <file>', 'PEM file of its key'),
  ];
}

/** Undefined when nothing was said about TLS. */
export function tlsInput({ tls, tlsCa, tlsCert, tlsKey }: TlsOptions): TlsInput | undefined {
  if (tls === undefined && tlsCa === undefined && tlsCert === undefined && tlsKey === undefined)
    return undefined;
  return { mode: tls ?? 'PREFERRED', ca: read(tlsCa), cert: read(tlsCert), key: read(tlsKey) };
}

function read(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
