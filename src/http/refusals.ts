import type { IncomingMessage } from 'node:http';
import { formatAddress } from '../common/address.js';
import { RepeatLimit } from '../common/repeat-limit.js';
import type { Logger } from '../telemetry/logger.js';
import type { MetricSource } from '../telemetry/metrics.js';

/** Why a request was turned down at the door. */
export const REFUSAL_REASONS = [
  'unauthenticated',
  'forbidden',
  'foreign-origin',
  'broken-websocket',
  'too-many-connections',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** How long the log is silent about refusals for one reason, in milliseconds. */
const QUIET_MS = 10_000;
/** So many characters of what a stranger has sent are written down. */
const SHOWN = 120;

/** Counts who is turned down, and says so in the log: of each reason now and then, however many there are. */
export class HttpRefusals {
  private readonly counts = new Map<RefusalReason, number>(REFUSAL_REASONS.map((reason) => [reason, 0]));
  private readonly limit = new RepeatLimit<RefusalReason>(QUIET_MS);

  constructor(private readonly log: Logger) {}

  /**
   * @param request null when there is none yet
   * @param why for people; nothing secret
   */
  note(reason: RefusalReason, request: IncomingMessage | null, why: string): void {
    this.counts.set(reason, this.counts.get(reason)! + 1);
    const suppressed = this.limit.admit(reason);
    if (suppressed === null) return;
    const { remoteAddress, remotePort } = request?.socket ?? {};
    const client =
      remoteAddress === undefined ? null : formatAddress({ host: remoteAddress, port: remotePort ?? 0 });
    const path = (request?.url ?? '').replace(/\?.*/s, '').slice(0, SHOWN);
    const line = { refused: reason, client, path, why: why.slice(0, 2 * SHOWN), suppressed };
    this.log.warn(line, 'A request was refused');
  }

  metric(): MetricSource {
    return {
      name: 'quorate_http_refusals_total',
      help: 'Requests that were refused at the API port, by reason.',
      type: 'counter',
      labels: ['reason'],
      read: () => [...this.counts].map(([reason, value]) => ({ labels: { reason }, value })),
    };
  }
}

/** What a 401 must say (RFC 9110, 11.6.1). */
export const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="quorate"' } as const;
