import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress, type HostPort } from '../common/address.js';
import type { Caller } from '../api/auth.js';
import type { Authenticator } from './authenticator.js';
import { ListenError } from './server.js';

/** As whom members ask proxies. */
export const MEMBER_CALLER: Caller = Object.freeze({ name: 'member', role: 'VIEWER', expiresAt: null });

/** Where members ask a proxy process for its statistics; every request carries a token of the cluster's key. */
export class ProxyAdminServer {
  private readonly http: Server;

  /** @param answersTo by path; each answers with plain data */
  constructor(
    private readonly listen: HostPort,
    authenticator: Authenticator,
    answersTo: Readonly<Record<string, () => unknown>>,
  ) {
    const answers = new Map<string, () => unknown>([...Object.entries(answersTo), ['/healthz', () => 'ok']]);
    const answer = async ({ headers, method, url = '' }: IncomingMessage): Promise<[number, string]> => {
      const caller = await authenticator.authenticate(headers.authorization).catch(() => undefined);
      if (!caller) return [401, '"unauthenticated"'];
      const found = method === 'GET' ? answers.get(url) : undefined;
      return found ? [200, JSON.stringify(found() ?? null)] : [404, '"not found"'];
    };
    this.http = createServer((request, response) => {
      void answer(request)
        .catch((): [number, string] => [500, '"failed"'])
        .then(([status, body]) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(body),
        );
    });
  }

  /** Resolves with the address, which has a port even when any free one was asked for. */
  start(): Promise<HostPort> {
    return new Promise((resolve, reject) => {
      this.http.once('error', (error) => reject(new ListenError(formatAddress(this.listen), error)));
      this.http.listen(this.listen.port, this.listen.host, () => {
        const { port } = this.http.address() as AddressInfo;
        resolve({ host: this.listen.host, port });
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeAllConnections();
    await closed;
  }
}
