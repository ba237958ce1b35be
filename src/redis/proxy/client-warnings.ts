import type { Socket } from 'node:net';
import { RepeatLimit } from '../../common/repeat-limit.js';
import type { Logger } from '../../telemetry/logger.js';

/** How long one kind of warning is not repeated, in milliseconds; as long as redis-server's. */
const QUIET_MS = 60_000;

const TEXTS = {
  'cross-protocol':
    'Possible attack: a client sent POST or Host:, as a browser or an HTTP client does, and was disconnected',
  'wrong-password': 'A client gave a wrong password or user',
} as const;

/** What a client did that somebody who runs the proxy should know of. */
export interface ClientWarning {
  readonly kind: keyof typeof TEXTS;
  /** Where the client is. */
  readonly client: string;
  /** How many of the same kind came since the last that was told. */
  readonly suppressed: number;
}

/** Tells what clients did, of each kind once a minute. */
export class ClientWarnings {
  private readonly limit = new RepeatLimit<ClientWarning['kind']>(QUIET_MS);

  constructor(private readonly emit: (warning: ClientWarning) => void) {}

  note(kind: ClientWarning['kind'], { remoteAddress = '?', remotePort = 0 }: Socket): void {
    const suppressed = this.limit.admit(kind);
    if (suppressed !== null) this.emit({ kind, client: `${remoteAddress}:${remotePort}`, suppressed });
  }
}

/** Writes a warning into the log of the proxy. */
export function logClientWarning(log: Logger, { kind, client, suppressed }: ClientWarning): void {
  log.warn({ client, suppressed }, TEXTS[kind]);
}
