import { setTimeout as pause } from 'node:timers/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../servers/ports.js';

/**
 * Who opened a connection to a Redis server, as the connection says itself in its first bytes:
 * `proxy:<name>`, `mover`, `server` (another Redis server that hands keys over), or `other`.
 */
export type Owner = string;

/** What happens to the bytes of an owner's connections, both ways. */
export type LinkState =
  | 'open'
  /** Connections are reset; new ones as soon as they say whose they are. */
  | 'cut'
  /** Nothing passes and nobody is told; what was sent meanwhile arrives in the end, as with a real network. */
  | 'silent'
  /** Everything arrives, this much later. */
  | { readonly delayMs: number };

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  owner: Owner | null;
  /** Silent by itself, whatever holds for its owner. */
  isStalled: boolean;
  /** The first bytes, until they tell whose they are. */
  head: Buffer;
  readonly there: Direction;
  readonly back: Direction;
}

/** Bytes on their way to one end, in order. */
interface Direction {
  readonly to: Socket;
  readonly waiting: { readonly bytes: Buffer | null; readonly due: number }[];
  timer: NodeJS.Timeout | null;
}

const PROXY = /quorate-proxy:([^:\s]+):/;
/** No client of ours begins like this; MIGRATE does. */
const FROM_SERVER = /\r\nRESTORE\r\n|^\*2\r\n\$6\r\nSELECT\r\n/;

/** The network in front of one Redis server: the links to it fail by owner. */
export class ServerNetwork {
  private readonly server: Server;
  private readonly links = new Set<Link>();
  private readonly states = new Map<Owner, LinkState>();

  private constructor(
    readonly port: number,
    private readonly targetPort: number,
  ) {
    this.server = createServer((client) => this.accept(client));
  }

  static async start(targetPort: number): Promise<ServerNetwork> {
    const network = new ServerNetwork(await freePort(), targetPort);
    await network.listen();
    return network;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Refuses connections, as a machine does where no process listens, and resets those there are. */
  async refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const link of this.links) this.reset(link);
    await closed;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  set(owner: Owner, state: LinkState): void {
    this.states.set(owner, state);
    for (const link of this.links) {
      if (link.owner !== owner) continue;
      if (state === 'cut') this.reset(link);
    }
  }

  /** Silences the connections that the owner has at present, and none that it opens later. */
  stall(owner: Owner): void {
    for (const link of this.links) if (link.owner === owner) link.isStalled = true;
  }

  /**
   * From now on connections work again. Those that were silent deliver what they held back after `lateMs`:
   * a sender that has waited long looks again late. Resolves when they have.
   */
  async heal(owner: Owner, lateMs = 0): Promise<void> {
    const wasSilent = this.states.get(owner) === 'silent';
    this.states.set(owner, 'open');
    const due = performance.now() + lateMs;
    for (const link of this.links) {
      if (link.owner !== owner || !(wasSilent || link.isStalled)) continue;
      link.isStalled = false;
      for (const direction of [link.there, link.back]) {
        const held = direction.waiting.splice(0);
        direction.waiting.push(...held.map(({ bytes }) => ({ bytes, due })));
        // Also what is sent before then queues up behind.
        if (held.length > 0) this.deliver(link, direction);
      }
    }
    await pause(lateMs);
  }

  async stop(): Promise<void> {
    if (this.server.listening) await this.refuse();
    else for (const link of this.links) this.reset(link);
  }

  private accept(client: Socket): void {
    client.setNoDelay(true);
    const upstream = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    const link: Link = {
      client,
      upstream,
      owner: null,
      isStalled: false,
      head: Buffer.alloc(0),
      there: { to: upstream, waiting: [], timer: null },
      back: { to: client, waiting: [], timer: null },
    };
    this.links.add(link);
    client.on('data', (chunk) => this.fromClient(link, chunk));
    client.on('end', () => this.pass(link, link.there, null));
    upstream.on('data', (chunk) => this.pass(link, link.back, chunk));
    upstream.on('end', () => this.pass(link, link.back, null));
    client.on('error', () => this.pass(link, link.there, null));
    upstream.on('error', () => this.pass(link, link.back, null));
    upstream.on('close', () => this.pass(link, link.back, null));
  }

  private fromClient(link: Link, chunk: Buffer): void {
    if (link.owner === null) {
      link.head = Buffer.concat([link.head, chunk]);
      link.owner = ownerOf(link.head);
      if (this.stateOf(link) === 'cut') {
        this.reset(link);
        return;
      }
    }
    this.pass(link, link.there, chunk);
  }

  /** @param bytes null: the sender has ended */
  private pass(link: Link, direction: Direction, bytes: Buffer | null): void {
    const state = this.stateOf(link);
    const delay = typeof state === 'object' ? state.delayMs : state === 'silent' ? Infinity : 0;
    if (delay === 0 && direction.waiting.length === 0) {
      this.write(link, direction, bytes);
      return;
    }
    const last = direction.waiting[direction.waiting.length - 1]?.due ?? 0;
    direction.waiting.push({ bytes, due: Math.max(last, performance.now() + delay) });
    this.deliver(link, direction);
  }

  private deliver(link: Link, direction: Direction): void {
    if (direction.timer !== null) clearTimeout(direction.timer);
    direction.timer = null;
    const now = performance.now();
    while (direction.waiting.length > 0 && direction.waiting[0]!.due <= now) {
      this.write(link, direction, direction.waiting.shift()!.bytes);
    }
    const next = direction.waiting[0]?.due;
    if (next === undefined || next === Infinity) return;
    direction.timer = setTimeout(() => this.deliver(link, direction), Math.max(1, next - now));
  }

  private write(link: Link, direction: Direction, bytes: Buffer | null): void {
    if (bytes !== null) direction.to.write(bytes);
    else if (direction === link.back) this.reset(link);
    // The server must still read what was sent before: the reset comes when it has closed in turn.
    else direction.to.end();
  }

  private stateOf({ owner, isStalled }: Link): LinkState {
    if (isStalled) return 'silent';
    return owner === null ? 'open' : (this.states.get(owner) ?? 'open');
  }

  private reset(link: Link): void {
    if (!this.links.delete(link)) return;
    for (const direction of [link.there, link.back]) {
      if (direction.timer !== null) clearTimeout(direction.timer);
      direction.waiting.length = 0;
    }
    for (const socket of [link.client, link.upstream]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}

function ownerOf(head: Buffer): Owner {
  const text = head.toString('latin1');
  const proxy = PROXY.exec(text)?.[1];
  if (proxy !== undefined) return `proxy:${proxy}`;
  if (text.includes('quorate-mover:')) return 'mover';
  return FROM_SERVER.test(text) ? 'server' : 'other';
}
