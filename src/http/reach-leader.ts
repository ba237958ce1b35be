import { errorMessage } from '../common/errors.js';

/** What the leader said to a request. */
export interface LeaderAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** None of the URLs leads to the leader, so nothing was changed. */
export class NotReachedError extends Error {}

/** The leader did not answer: whether it has done what it was asked for is not known. */
export class NoAnswerError extends Error {
  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(errorMessage(cause), { cause });
  }
}

/** Nothing was sent when one of these comes: no connection came about, or none that is trusted. */
const UNSENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Where something else answers than an API of Quorate. */
const FOREIGN = new Set([404, 405]);

/**
 * Asks at one URL after the other until the leader answers: a URL may be out of date, lead to another member, or to none.
 *
 * @throws NotReachedError with what each has answered, NoAnswerError
 */
export async function reachLeader(
  urls: readonly string[],
  ask: (url: string) => Promise<LeaderAnswer>,
): Promise<LeaderAnswer> {
  const tried: string[] = [];
  for (const url of urls) {
    try {
      const answer = await ask(url);
      const reason = notByLeader(answer);
      if (reason === null) return answer;
      tried.push(`${url} ${reason}`);
    } catch (error) {
      const reason = unsent(error);
      if (reason === null) throw new NoAnswerError(url, error);
      tried.push(`${url} cannot be reached (${reason})`);
    }
  }
  throw new NotReachedError(tried.join('; '));
}

/** Why somebody else has answered, and done nothing; null when it was the leader. */
function notByLeader({ status, body }: LeaderAnswer): string | null {
  if (FOREIGN.has(status)) return `is no API of Quorate (HTTP ${status})`;
  return codesOf(body).includes('NO_LEADER') ? 'is a member that does not lead' : null;
}

function codesOf(body: string): unknown[] {
  if (!body.includes('NO_LEADER')) return [];
  try {
    const { errors } = JSON.parse(body) as { errors?: { extensions?: { code?: unknown } }[] };
    return (errors ?? []).map(({ extensions }) => extensions?.code);
  } catch {
    return [];
  }
}

function unsent(error: unknown): string | null {
  const { cause = error } = error as { cause?: unknown };
  const { code = '', message } = cause as { code?: string; message: string };
  if (UNSENT.test(code)) return code;
  return message === 'bad port' ? 'no program connects to that port' : null;
}
