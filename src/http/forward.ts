import type { Request, RequestHandler, Response } from 'express';
import { getOperationAST, parse } from 'graphql';
import { collections } from '../cluster/records.js';
import type { Services } from '../api/context.js';
import { MAX_TOKENS } from '../api/limits.js';
import { errorMessage } from '../common/errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Authenticator } from './authenticator.js';
import { NoAnswerError, NotReachedError, reachLeader, type LeaderAnswer } from './reach-leader.js';

/** How long a member without leader waits for one before it says so. */
const LEADER_WAIT_MS = 2_000;

/** Long mutations answer in time on their own; this only ends what hangs. */
const FORWARD_TIMEOUT_MS = 90_000;

/** How long a leader that has just given up leadership may take to answer. */
const GRACE_MS = 2_000;

/** Marks a request that has been forwarded: it is answered where it arrives, so that none goes in circles. */
const FORWARDED_HEADER = 'x-quorate-forwarded';

const NOBODY_LEADS = 'No member leads at present; try again soon.';

/**
 * Sends mutations that reach a follower on to the leader and passes the whole answer back. Queries and
 * whatever cannot be understood stay here.
 */
export function forwardMutations(
  services: Services,
  authenticator: Authenticator,
  isLeader: () => boolean,
  log: Logger,
): RequestHandler {
  return async (request, response, next) => {
    if (request.method !== 'POST' || isLeader() || !isMutation(request.body)) return next();
    // From a member that took this one for the leader. It may have been, before it was stopped and went on.
    if (request.headers[FORWARDED_HEADER] !== undefined)
      return answerError(response, 'NO_LEADER', NOBODY_LEADS);
    let caller;
    try {
      caller = await authenticator.authenticate(request.headers.authorization);
    } catch {
      return next();
    }
    const leader = await leaderOf(services, isLeader);
    if (leader === 'self') return next();
    if (leader === undefined) return answerError(response, 'NO_LEADER', NOBODY_LEADS);
    const succeeded = leaderSucceeded(services);
    try {
      const token = await authenticator.signForwarded(caller);
      const ask = (url: string): Promise<LeaderAnswer> => askAt(url, request, token, succeeded.signal);
      const { status, type, body } = await reachLeader(leader.urls, ask);
      response.status(status).type(type).send(body);
    } catch (error) {
      log.warn({ leader: leader.name, reason: errorMessage(error) }, 'A mutation could not be forwarded');
      answerError(response, ...failureOf(leader, error));
    } finally {
      succeeded.forget();
    }
  };
}

/** Who was not reached has changed nothing; of who does not answer that is not known. */
function failureOf({ name }: Leader, error: unknown): [code: string, message: string] {
  if (error instanceof NotReachedError) {
    const what = `Member ${name} leads, and this member does not reach it: ${error.message}.`;
    return [
      'NO_LEADER',
      `${what} Nothing was changed; try again soon. If it stays so, mend the URLs (--advertise).`,
    ];
  }
  const at = error instanceof NoAnswerError ? ` at ${error.url}` : '';
  return [
    'TIMEOUT',
    `The leader${at} did not answer (${errorMessage(error)}). Whether the change was made is unknown: look before ` +
      'you repeat it.',
  ];
}

/** Aborts soon after another leads: the old leader may never answer, or just be handing over. */
function leaderSucceeded({ view }: Services): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController();
  const epoch = view.get(collections.leadership, 'leader')?.createRevision;
  let timer: NodeJS.Timeout | undefined;
  const forget = view.subscribe(() => {
    const now = view.get(collections.leadership, 'leader')?.createRevision;
    if (now !== epoch)
      timer ??= setTimeout(() => controller.abort(new Error('it no longer leads')), GRACE_MS);
  });
  const end = (): void => {
    clearTimeout(timer);
    forget();
  };
  return { signal: controller.signal, forget: end };
}

async function askAt(
  url: string,
  request: Request,
  token: string,
  signal: AbortSignal,
): Promise<LeaderAnswer> {
  const answer = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: request.headers.accept ?? 'application/json',
      authorization: `Bearer ${token}`,
      [FORWARDED_HEADER]: '1',
    },
    body: JSON.stringify(request.body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(FORWARD_TIMEOUT_MS)]),
  });
  const type = answer.headers.get('content-type') ?? 'application/json';
  return { status: answer.status, type, body: await answer.text() };
}

interface Leader {
  readonly name: string;
  readonly urls: readonly string[];
}

/** Where the leader's API is, as soon as there is one. */
async function leaderOf(services: Services, isLeader: () => boolean): Promise<Leader | 'self' | undefined> {
  const { view, membership, memberName } = services;
  const leader = (): Leader | undefined => {
    const name = view.get(collections.leadership, 'leader')?.value.member;
    const urls = name === undefined ? [] : (membership.byName(name)?.adminUrls ?? []);
    return name === undefined || name === memberName || urls.length === 0 ? undefined : { name, urls };
  };
  const known = (): boolean => isLeader() || leader() !== undefined;
  await view.until(known, AbortSignal.timeout(LEADER_WAIT_MS)).catch(() => undefined);
  return isLeader() ? 'self' : leader();
}

function isMutation(body: unknown): boolean {
  const { query, operationName } = (body ?? {}) as { query?: unknown; operationName?: unknown };
  if (typeof query !== 'string') return false;
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    const name = typeof operationName === 'string' ? operationName : undefined;
    return getOperationAST(document, name)?.operation === 'mutation';
  } catch {
    return false;
  }
}

function answerError(response: Response, code: string, message: string): void {
  response.status(200).json({ errors: [{ message, extensions: { code } }] });
}
