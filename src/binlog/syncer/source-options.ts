import type { HostPort } from '../../common/address.js';

export const TLS_MODES = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
/**
 * DISABLED: never. PREFERRED: if the source can, whatever its certificate. REQUIRED: not without, whatever its
 * certificate. VERIFY_CA: its certificate must be signed by a known authority. VERIFY_IDENTITY: and name its host.
 */
export type TlsMode = (typeof TLS_MODES)[number];

export interface SourceTls {
  readonly mode: TlsMode;
  /** PEM texts; without `ca` the authorities that this system trusts. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** How to log in to a source. */
export interface SourceOptions {
  readonly address: HostPort;
  readonly user: string;
  readonly password: string;
  readonly tls: SourceTls;
  readonly connectTimeoutMs: number;
  /** How long the source may take for an answer once it has accepted the connection; half a minute unless told. */
  readonly answerTimeoutMs?: number;
}
