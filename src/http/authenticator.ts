import type { IncomingHttpHeaders } from 'node:http';
import { errors, jwtVerify, SignJWT } from 'jose';
import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { isLoopback } from '../common/address.js';
import { ROLES, type Caller, type Role } from '../api/auth.js';
import { CHALLENGE } from './refusals.js';
import type { TokenStore } from './tokens.js';

const ISSUER = 'quorate-member';
const FORWARD_TTL = '30s';
/** By how much the clocks of two members may differ; what a member passes on says when it was signed by its own. */
const CLOCK_TOLERANCE_SECONDS = 10 * 60;

/** Without tokens only this machine gets in, and everybody on it may do everything. */
const LOCAL: Caller = Object.freeze({ name: 'local', role: 'ADMIN', expiresAt: null });

/** Finds out who asks, with the same rules for HTTP and for the websocket. */
export class Authenticator {
  /**
   * @param tokens null: no authentication is configured, and the server listens on loopback only
   * @param memberKey shared by the members of the cluster, for requests that one forwards to another
   */
  constructor(
    private readonly tokens: TokenStore | null,
    private readonly memberKey: Buffer,
  ) {}

  /** @param authorization `Bearer ...`. Throws a GraphQLError with code UNAUTHENTICATED. */
  async authenticate(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token !== undefined) {
      const caller = token.startsWith('qt_') ? this.tokens?.find(token) : await this.verifyForwarded(token);
      if (caller) return caller;
      if (this.tokens) throw unauthenticated('This token is not known or has expired.');
    }
    if (this.tokens)
      throw unauthenticated('A token is needed: send the header "Authorization: Bearer <token>".');
    return LOCAL;
  }

  /** A short-lived token with which this member passes a caller's request on to another. */
  async signForwarded(caller: Caller): Promise<string> {
    return new SignJWT({ role: caller.role })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setSubject(caller.name)
      .setExpirationTime(FORWARD_TTL)
      .sign(this.memberKey);
  }

  private async verifyForwarded(token: string): Promise<Caller | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.memberKey, {
        ...{ issuer: ISSUER, algorithms: ['HS256'] },
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      const role = ROLES.find((candidate) => candidate === (payload['role'] as Role));
      return role && payload.sub !== undefined ? { name: payload.sub, role, expiresAt: null } : undefined;
    } catch (error) {
      if (error instanceof errors.JWTExpired && this.tokens) throw unauthenticated(clockMessage(error));
      return undefined;
    }
  }
}

function clockMessage({ payload }: errors.JWTExpired): string {
  const minutes = Math.round((Date.now() / 1_000 - Number(payload.exp)) / 60);
  return (
    `Another member passed this request on, signed by a clock that is some ${minutes} minutes behind this member's. ` +
    'Set the clocks of the members right.'
  );
}

function unauthenticated(message: string): GraphQLError {
  const headers = new HeaderMap(
    Object.entries(CHALLENGE).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return new GraphQLError(message, {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers } },
  });
}

/**
 * Whether a request comes from where it seems to. A web page that somebody on this machine has open could
 * otherwise use our loopback address: by a websocket, which browsers let cross origins, or by a host name
 * that it makes point here. Returns what is wrong, or undefined.
 */
export function refuseForeignOrigin(headers: IncomingHttpHeaders, loopbackOnly: boolean): string | undefined {
  const { host = '', origin } = headers;
  const hostName = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (loopbackOnly && !isLoopback(hostName)) {
    return `This service is asked for by the name "${hostName}"; without tokens only localhost is answered.`;
  }
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    return (
      `Requests from pages of ${origin} are not accepted: this service was asked for by the name "${host}". ` +
      'A reverse proxy must pass the name on that it was asked for by (nginx: proxy_set_header Host $http_host;).'
    );
  }
  return undefined;
}
