import { connect, createServer, type Socket } from 'node:net';
import { PacketSplitter } from '../../../../src/binlog/protocol/packet/packet-splitter.js';
import { PayloadAssembler } from '../../../../src/binlog/protocol/packet/payload-assembler.js';

/** Both ends of a loopback connection. */
export async function socketPair(): Promise<[server: Socket, client: Socket]> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
  const { port } = listener.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const server = await accepted;
  listener.close();
  return [server, client];
}

/** The events that arrive on a dump's connection; checks their sequence numbers as a replica does. */
export class DumpReceiver {
  readonly events: Buffer[] = [];
  failure: Error | null = null;
  private readonly splitter: PacketSplitter;

  constructor(socket: Socket, isSemiSync: boolean) {
    const assembler = new PayloadAssembler(2 ** 30, (payload) => {
      const head = isSemiSync ? 3 : 1;
      if (payload[0] !== 0) throw new Error(`Not an event: ${payload.toString('latin1', 0, 200)}`);
      if (isSemiSync && payload[2] === 1) this.splitter.expected = 1;
      this.events.push(payload.subarray(head));
    });
    this.splitter = new PacketSplitter(assembler);
    this.splitter.expected = 1;
    socket.on('data', (chunk) => {
      try {
        this.splitter.take(chunk);
      } catch (error) {
        this.failure ??= error as Error;
      }
    });
  }
}
