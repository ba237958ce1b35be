import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { formatAddress, type HostPort } from '../../../common/address.js';
import { raceAbort } from '../../../common/async.js';
import { errorMessage, QuorateError } from '../../../common/errors.js';
import type { Logger } from '../../../telemetry/logger.js';
import { PeerUnreachableError, type PeerChannel, type PeerHandler, type PeerNetwork } from './channel.js';
import { FrameSocket } from './frame-socket.js';
import { greet, HandshakeError, type PeerIdentity } from './handshake.js';
import { TcpChannel } from './tcp-channel.js';

const GREETING_MS = 5_000;
const READ_BYTES = 512 * 1024;
/** How many connections may be open that have not shown who they are. */
const MAX_STRANGERS = 64;

/** Certificate and key in PEM; with `ca`, only members whose certificate it has signed are talked to. */
export interface PeerTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

export interface TcpPeersOptions {
  readonly listen: HostPort;
  readonly identity: PeerIdentity;
  /** With which members recognise each other. */
  readonly key: Buffer;
  readonly tls: PeerTls | null;
  /** Where a member may be reached, the likeliest first. */
  readonly addressesOf: (member: string) => readonly HostPort[];
  readonly log: Logger;
}

/** The listener for other members, and the way to them. */
export class TcpPeers implements PeerNetwork {
  private readonly server: Server;
  private readonly channels = new Set<FrameSocket>();
  private readonly answering = new Set<Promise<void>>();
  private strangers = 0;

  constructor(private readonly options: TcpPeersOptions) {
    const { tls } = options;
    this.server = tls === null ? createServer() : createTlsServer(tlsOptions(tls));
    this.server.on('tlsClientError', () => undefined);
  }

  /** Where it listens; after `start`. */
  get address(): HostPort {
    const { port } = this.server.address() as AddressInfo;
    return { host: this.options.listen.host, port };
  }

  /**
   * Rejects when it cannot listen.
   *
   * @param onChannel answers another member that has shown who it is
   */
  async start(onChannel: PeerHandler): Promise<void> {
    const { listen, tls } = this.options;
    const event = tls === null ? 'connection' : 'secureConnection';
    this.server.on(event, (socket: Socket) => this.accept(socket, onChannel));
    await new Promise<void>((resolve, reject) => {
      const onError = (cause: Error): void => {
        const what = `Cannot listen for other members on ${formatAddress(listen)}: ${cause.message}.`;
        reject(new QuorateError('PEER_LISTEN', `${what} Set --peer-listen to a free address.`, { cause }));
      };
      this.server.once('error', onError);
      this.server.listen(listen.port, listen.host, () => {
        this.server.off('error', onError);
        resolve();
      });
    });
    this.server.on('error', (error) => {
      this.options.log.warn({ reason: error.message }, 'The listener for other members');
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.channels) socket.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await Promise.all([...this.answering]);
    await closed;
  }

  async connect(member: string, signal: AbortSignal): Promise<PeerChannel> {
    const reasons: string[] = [];
    let refused = 0;
    for (const address of this.options.addressesOf(member)) {
      signal.throwIfAborted();
      try {
        return await this.call(member, address, signal);
      } catch (error) {
        reasons.push(`${formatAddress(address)}: ${errorMessage(error)}`);
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') refused++;
      }
    }
    throw new PeerUnreachableError(member, reasons, refused > 0 && refused === reasons.length);
  }

  private async call(member: string, { host, port }: HostPort, signal: AbortSignal): Promise<PeerChannel> {
    const { tls, identity, key } = this.options;
    const holder: { socket?: FrameSocket } = {};
    // Whoever calls receives much: straight into a large buffer, which costs half of what pieces of 64 KiB do.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length: number, bytes: Uint8Array) =>
        holder.socket!.take((bytes as Buffer).subarray(0, length)),
    };
    const raw =
      tls === null ? connectTcp({ host, port, onread }) : connectTls({ host, port, ...tlsOptions(tls) });
    const socket = (holder.socket = new FrameSocket(raw));
    if (tls !== null) readFrom(raw, socket);
    return this.introduce(socket, async () => {
      const opened = new Promise<void>((resolve) => {
        raw.once(tls === null ? 'connect' : 'secureConnect', () => resolve());
      });
      await raceAbort(opened, signal, socket.signal);
      const other = await raceAbort(greet(socket, 'caller', identity, key), signal);
      if (other.member !== member) throw new HandshakeError(`Member ${other.member} answers there.`);
      return new TcpChannel(other.member, socket);
    });
  }

  private accept(raw: Socket, onChannel: PeerHandler): void {
    const socket = new FrameSocket(raw);
    readFrom(raw, socket);
    if (this.strangers >= MAX_STRANGERS) return socket.close();
    const answered = this.answer(socket, onChannel).catch((error: unknown) => {
      const from = raw.remoteAddress;
      this.options.log.debug({ from, reason: errorMessage(error) }, 'A caller was not let in');
    });
    const done = answered.finally(() => this.answering.delete(done));
    this.answering.add(done);
  }

  private async answer(socket: FrameSocket, onChannel: PeerHandler): Promise<void> {
    const { identity, key } = this.options;
    this.strangers++;
    const channel = await this.introduce(socket, async () => {
      const { member } = await greet(socket, 'listener', identity, key);
      return new TcpChannel(member, socket);
    }).finally(() => this.strangers--);
    await onChannel(channel);
  }

  /** Ends it when that fails, or takes too long. */
  private async introduce(socket: FrameSocket, work: () => Promise<TcpChannel>): Promise<TcpChannel> {
    this.channels.add(socket);
    socket.signal.addEventListener('abort', () => this.channels.delete(socket), { once: true });
    const timer = setTimeout(() => socket.close(), GREETING_MS);
    try {
      return await work();
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function readFrom(raw: Socket, socket: FrameSocket): void {
  raw.on('data', (bytes: Buffer) => {
    if (!socket.take(bytes)) raw.pause();
  });
}

/** Who the other one is, the handshake shows; the certificate is only to be signed by the right authority. */
function tlsOptions({ cert, key, ca }: PeerTls) {
  const isChecked = ca !== null;
  return {
    ...{ cert, key, requestCert: isChecked, rejectUnauthorized: isChecked },
    ...(ca !== null && { ca }),
    checkServerIdentity: () => undefined,
  };
}
