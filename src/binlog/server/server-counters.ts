/** Why a client was not served. */
export const REFUSALS = ['connection', 'login', 'dump'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What a binlog server has done since it began to listen. Plain numbers: exact up to 2^53. */
export class ServerCounters {
  /** Sent by dumps that have ended; bytes with the heads of packets. */
  readonly sent = { events: 0, bytes: 0 };
  /** Connections that were too many or too early, logins that failed, and dumps that could not begin or go on. */
  readonly refused: Record<Refusal, number> = { connection: 0, login: 0, dump: 0 };
}
