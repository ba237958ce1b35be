import { createServer, type Server, type Socket } from 'node:net';
import { formatAddress, type HostPort } from '../../common/address.js';
import { errorMessage, QuorateError } from '../../common/errors.js';

/** How the sockets of clients must be; a client that closes its side still gets its replies. */
const CLIENT_SOCKETS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  allowHalfOpen: true,
} as const;

/**
 * Listens for Redis clients.
 *
 * @param paused whether the sockets are only passed on, so that none of their bytes may be read here
 * @throws QuorateError when the address cannot be listened at
 */
export async function listenForClients(
  listen: HostPort,
  paused: boolean,
  onClient: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer({ ...CLIENT_SOCKETS, pauseOnConnect: paused }, onClient);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const reason = `Redis clients cannot be listened for at ${formatAddress(listen)}: ${errorMessage(cause)}`;
      reject(new QuorateError('REDIS_PROXY_LISTEN', reason, { cause }));
    });
    server.listen(listen, resolve);
  });
  // From now on an error is one of accepting, such as too many open files: it passes, and who connects sees it.
  server.removeAllListeners('error').on('error', () => undefined);
  return server;
}
