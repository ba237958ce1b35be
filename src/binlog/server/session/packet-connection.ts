import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { framePayload, packetCount } from '../../protocol/packet/framing.js';
import { PacketSplitter } from '../../protocol/packet/packet-splitter.js';
import { PayloadAssembler } from '../../protocol/packet/payload-assembler.js';
import { ProtocolError } from '../../protocol/protocol-error.js';

export interface PacketConnectionEvents {
  /** One message of the client; those that come while it is `paused` come later. */
  readonly onPayload: (payload: Buffer) => void;
  /** Nothing comes any more. The error is that of the client, when it broke the protocol. */
  readonly onClose: (error: ProtocolError | null) => void;
}

/** The server's end of a connection: whole payloads in, packets out, with or without TLS below. */
export class PacketConnection {
  /** Sequence number of the next packet that is sent. */
  sequence = 0;
  private socket: Socket;
  private readonly splitter: PacketSplitter;
  private readonly assembler: PayloadAssembler;
  private failure: ProtocolError | null = null;
  private closed = false;
  private isTurnOfCommands = false;
  /** The certificate for TLS, when the client has just asked for it. */
  private context: SecureContext | null = null;

  constructor(
    socket: Socket,
    maxPayloadBytes: number,
    private readonly events: PacketConnectionEvents,
  ) {
    this.assembler = new PayloadAssembler(maxPayloadBytes, (payload) => this.take(payload));
    this.splitter = new PacketSplitter(this.assembler);
    this.socket = socket;
    this.listen(socket);
  }

  /** The stream below, for who writes many packets by itself. */
  get stream(): Socket {
    return this.socket;
  }

  /** From now on every message of the client begins with sequence number 0. */
  expectCommands(maxPayloadBytes: number): void {
    this.splitter.expected = 0;
    this.assembler.maxBytes = maxPayloadBytes;
    this.isTurnOfCommands = true;
  }

  send(payload: Buffer): void {
    this.socket.write(framePayload(payload, this.sequence));
    this.sequence = (this.sequence + packetCount(payload.length)) & 0xff;
    if (!this.isTurnOfCommands) this.splitter.expected = this.sequence;
  }

  sendAll(payloads: readonly Buffer[]): void {
    this.socket.cork();
    for (const payload of payloads) this.send(payload);
    this.socket.uncork();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** For `onPayload`: the client goes on under TLS, right behind the present payload. */
  secure(context: SecureContext): void {
    this.splitter.halt();
    this.context = context;
  }

  /** Sends what is still to be sent, then closes. */
  end(): void {
    this.socket.end(() => this.socket.destroy());
    // A client that does not read must not keep it open.
    this.socket.setTimeout(2_000, () => this.socket.destroy());
  }

  destroy(): void {
    this.socket.destroy();
  }

  private listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => this.close());
    socket.once('end', () => socket.end());
  }

  private read(chunk: Buffer): void {
    try {
      const taken = this.splitter.take(chunk);
      if (this.context !== null) this.upgrade(this.context, chunk.subarray(taken));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.failure = error;
      this.socket.destroy();
    }
  }

  /** @param rest what has come of the TLS handshake already */
  private upgrade(context: SecureContext, rest: Buffer): void {
    const plain = this.socket;
    this.context = null;
    for (const event of ['data', 'close', 'end']) plain.removeAllListeners(event);
    plain.pause();
    if (rest.length > 0) plain.unshift(rest);
    this.socket = new TLSSocket(plain, { isServer: true, secureContext: context });
    this.listen(this.socket);
  }

  private take(payload: Buffer): void {
    this.sequence = this.splitter.expected;
    if (this.isTurnOfCommands) this.splitter.expected = 0;
    this.events.onPayload(payload);
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.events.onClose(this.failure);
  }
}
