import express, { type Request, type RequestHandler, type Router } from 'express';
import { errorMessage, QuorateError } from '../common/errors.js';
import { allows, type Role } from '../api/auth.js';
import type { Authenticator } from './authenticator.js';
import { CHALLENGE, type HttpRefusals } from './refusals.js';

const MAX_BODY = '16kb';

/** What a member answers other members and commands, beside GraphQL: small questions with plain answers. */
export interface MemberEndpoint {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Who may ask. */
  readonly role: Role;
  /** @param input the query's parameters, or the body; not checked yet. Bad input becomes a 400, whatever else it throws a 409, with its message. */
  readonly answer: (input: unknown) => unknown;
}

/** @param isMember before the cluster has let it in, a process answers nothing */
export function memberEndpoints(
  endpoints: readonly MemberEndpoint[],
  authenticator: Authenticator,
  isMember: () => boolean,
  refusals: HttpRefusals,
): Router {
  const router = express.Router();
  const body = express.json({ limit: MAX_BODY });
  for (const endpoint of endpoints) {
    const handler = handlerOf(endpoint, authenticator, isMember, refusals);
    if (endpoint.method === 'GET') router.get(endpoint.path, handler);
    else if (endpoint.method === 'PUT') router.put(endpoint.path, body, handler);
    else router.post(endpoint.path, body, handler);
  }
  return router;
}

function handlerOf(
  { role, answer, method }: MemberEndpoint,
  authenticator: Authenticator,
  isMember: () => boolean,
  refusals: HttpRefusals,
): RequestHandler {
  const respond = async (request: Request): Promise<[number, unknown]> => {
    const { authorization } = request.headers;
    try {
      const caller = await authenticator.authenticate(authorization);
      if (!allows(caller, role)) {
        const message = `This needs the role ${role}.`;
        refusals.note('forbidden', request, `${message} The token "${caller.name}" has ${caller.role}.`);
        return [403, { message }];
      }
    } catch (error) {
      refusals.note('unauthenticated', request, errorMessage(error));
      return [401, { message: errorMessage(error) }];
    }
    if (!isMember()) return [503, { message: 'This process is not a member of the cluster.' }];
    try {
      return [200, await answer(method === 'GET' ? request.query : request.body)];
    } catch (error) {
      const isBadInput = error instanceof QuorateError && error.code === 'INVALID_INPUT';
      return [isBadInput ? 400 : 409, { message: errorMessage(error) }];
    }
  };
  return async (request, response) => {
    const [status, body] = await respond(request);
    if (status === 401) response.set(CHALLENGE);
    response.status(status).json(body);
  };
}
