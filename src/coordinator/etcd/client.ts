import {
  Etcd3,
  type IDuplexStream,
  type ILeaseKeepAliveRequest,
  type ILeaseKeepAliveResponse,
  type IOptions,
  type IWatchRequest,
  type IWatchResponse,
} from 'etcd3';
import { isAuthOff, isTokenFailure } from './failures.js';
import type { EtcdCoordinatorOptions } from './options.js';

type FaultHandling = NonNullable<IOptions['faultHandling']>;
type Policy = NonNullable<FaultHandling['global']>;

/** A stream of etcd's; it is a Node.js stream, which etcd3's types do not say. */
export type EtcdStream<Request, Response> = IDuplexStream<Request, Response> & AsyncIterable<Response>;

/**
 * Runs each call once. etcd3's circuit breaker opens on healthy hosts (a deadline, an exhausted quota) and its
 * default policy sends transactions again; endpoints.ts and transaction-run.ts decide instead.
 */
const once = { execute: async (call: (context: unknown) => unknown) => call({}) } as unknown as Policy;

const GRPC_OPTIONS = {
  // A watch catches up in few, large messages.
  'grpc.max_receive_message_length': -1,
  // A connection that died without a word is given up after 15 s; etcd allows a ping every 5 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
};

/** The parts of etcd3's connections that its types do not show. */
interface Connections {
  readonly authenticator: Authenticator;
  exec(...call: unknown[]): Promise<unknown>;
}

interface Authenticator {
  readonly options: { readonly auth?: unknown };
  /** The metadata that go with each call, from the first one that asks for them; null: they are to be asked for. */
  awaitingMetadata: Promise<unknown> | null;
  getMetadata(): Promise<unknown>;
  invalidateMetadata(): void;
}

/** etcd3 bound to one endpoint, with the calls that its own interface lacks. */
export class EtcdClient extends Etcd3 {
  constructor(
    readonly endpoint: string,
    options: EtcdCoordinatorOptions,
    callTimeoutMs: number,
  ) {
    const { username, password } = options;
    super({
      hosts: endpoint.replace(/\/+$/, ''),
      grpcOptions: GRPC_OPTIONS,
      faultHandling: { host: () => once, global: once },
      // Also the deadline of the exchange of a password for a token.
      defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + callTimeoutMs }),
      // With credentials etcd3 speaks TLS, whatever the endpoint's scheme says.
      ...(options.tls === undefined || endpoint.startsWith('http://')
        ? {}
        : { credentials: toCredentials(options.tls) }),
      ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
    });
    if (username !== undefined) this.followSwitchesOfAuthentication();
  }

  /**
   * Authentication is switched on and off under clients that go on: one that has a user sends no token while etcd asks for
   * none, and asks for a token when etcd wants another one. etcd3 fails in both cases.
   */
  private followSwitchesOfAuthentication(): void {
    const { connections } = this;
    const { authenticator } = connections;
    // Without a user it asks for no token. An empty token would be refused by etcd 3.4 whether authentication is on or not.
    const anonymous = Object.create(authenticator, {
      options: { value: { ...authenticator.options, auth: undefined } },
      awaitingMetadata: { value: null },
    }) as Authenticator;
    const getMetadata = authenticator.getMetadata.bind(authenticator);
    const withoutUser = authenticator.getMetadata.bind(anonymous);
    authenticator.getMetadata = async () => {
      try {
        return await getMetadata();
      } catch (error) {
        if (!isAuthOff(error)) throw error;
        return (authenticator.awaitingMetadata = withoutUser());
      }
    };
    const exec = connections.exec.bind(connections);
    connections.exec = async (...call) => {
      try {
        return await exec(...call);
      } catch (error) {
        if (!isTokenFailure(error)) throw error;
        authenticator.invalidateMetadata();
        return exec(...call);
      }
    };
  }

  /** A watch stream that a member without a leader ends, so that a partitioned member does not leave it stale. */
  openWatch(): Promise<EtcdStream<IWatchRequest, IWatchResponse>> {
    return this.openStream('Watch', 'watch', {});
  }

  /** @param timeoutMs after which the stream fails */
  openKeepAlive(timeoutMs: number): Promise<EtcdStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>> {
    return this.openStream('Lease', 'leaseKeepAlive', { deadline: Date.now() + timeoutMs });
  }

  private get connections(): Connections {
    return this.pool as unknown as Connections;
  }

  private openStream<Stream extends EtcdStream<never, unknown>>(
    service: 'Watch' | 'Lease',
    method: string,
    options: { deadline?: number },
  ): Promise<Stream> {
    return this.pool.withConnection(service, ({ client, metadata }) => {
      // etcd3 keeps one metadata object per token: it must not be changed.
      const withLeader = metadata.clone();
      withLeader.set('hasleader', 'true');
      const open = (client as unknown as Record<string, (...args: unknown[]) => Stream>)[method];
      if (open === undefined) throw new Error(`etcd3 has no stream ${method}.`);
      const stream = open.call(client, withLeader, options);
      // Whoever reads the stream gets its error; after that, an error without a listener would be fatal.
      stream.on('error', (error: unknown) => {
        if (isTokenFailure(error)) this.connections.authenticator.invalidateMetadata();
      });
      return stream;
    });
  }
}

/** etcd3 asks for an authority in its types only; without one gRPC trusts those that Node.js knows. */
function toCredentials(
  tls: NonNullable<EtcdCoordinatorOptions['tls']>,
): NonNullable<IOptions['credentials']> {
  return {
    ...(tls.ca === undefined ? {} : { rootCertificate: tls.ca }),
    ...(tls.cert === undefined ? {} : { certChain: tls.cert }),
    ...(tls.key === undefined ? {} : { privateKey: tls.key }),
  } as NonNullable<IOptions['credentials']>;
}
