import { sharedAbortController } from '../../../src/common/async.js';
import type { PeerChannel } from '../../../src/binlog/replication/peer/channel.js';
import type { PeerMessage } from '../../../src/binlog/replication/peer/messages.js';
import type { SimulatedNetwork } from './simulated-network.js';
import type { SimulatedProcess } from './simulated-process.js';

/** So many messages may be on their way or wait to be received. */
const WINDOW = 4;
/** How long until a connection on which nothing passes is given up. */
const SILENCE_MS = 1_500;

export interface ChannelEnd {
  readonly name: string;
  readonly process: SimulatedProcess;
}

/** One end of a connection. */
export class SimulatedChannel implements PeerChannel {
  other!: SimulatedChannel;
  private readonly ended = sharedAbortController();
  private readonly inbox: PeerMessage[] = [];
  private readonly senders: (() => void)[] = [];
  private receiver: { resolve(message: PeerMessage | null): void; reject(error: Error): void } | null = null;
  /** Messages of the other end that have not been received here. */
  private underWay = 0;
  private stopped: (() => void)[] = [];
  private arrivesAt = 0;
  private isClosedThere = false;
  private failure: Error | null = null;

  constructor(
    private readonly network: SimulatedNetwork,
    private readonly end: ChannelEnd,
    readonly peer: string,
  ) {
    end.process.onDeath(() => this.vanish());
  }

  get name(): string {
    return this.end.name;
  }

  get signal(): AbortSignal {
    return this.ended.signal;
  }

  get isEnded(): boolean {
    return this.ended.signal.aborted;
  }

  async send(message: PeerMessage): Promise<void> {
    this.check();
    const { other, network } = this;
    while (other.underWay >= WINDOW) {
      await new Promise<void>((resolve) => this.senders.push(resolve));
      this.check();
    }
    const { faults } = network;
    if (network.happens(faults.dropPerMille)) {
      network.world.later(SILENCE_MS, this.end.process, () => this.fail('A message was lost.'));
      return;
    }
    this.post(message);
    if (network.happens(faults.duplicatePerMille)) this.post(message);
  }

  receive(): Promise<PeerMessage | null> {
    if (this.receiver) throw new Error('Two receive from one channel.');
    const message = this.inbox.shift();
    if (message) {
      this.taken();
      return Promise.resolve(message);
    }
    if (this.failure) return Promise.reject(this.failure);
    if (this.isClosedThere) this.endQuietly();
    if (this.isEnded) return Promise.resolve(null);
    return new Promise((resolve, reject) => (this.receiver = { resolve, reject }));
  }

  close(): void {
    if (this.isEnded) return;
    this.finish(null, new Error('The channel was closed.'));
    this.other.closedThere();
  }

  /** It breaks, at both ends. */
  fail(reason: string): void {
    if (this.isEnded) return;
    const error = new Error(reason);
    this.finish(error, error);
    const { world } = this.network;
    world.later(this.network.delay(), this.other.end.process, () => this.other.fail(reason));
  }

  /** What could not pass goes on its way. */
  resume(): void {
    for (const call of this.stopped.splice(0)) call();
  }

  private post(message: PeerMessage): void {
    const { network, other } = this;
    const copy = 'bytes' in message ? { ...message, bytes: Buffer.from(message.bytes) } : message;
    other.underWay++;
    const arrive = (): void => {
      if (network.isCut(this.name, this.peer)) {
        if (this.stopped.push(arrive) === 1) this.giveUpLater();
        return;
      }
      network.world.later(0, other.end.process, () => other.take(copy));
    };
    const { now } = network.world;
    const at = now + network.delay();
    const isReordered = network.happens(network.faults.reorderPerMille);
    if (!isReordered) this.arrivesAt = Math.max(this.arrivesAt, at);
    network.world.later((isReordered ? at + 5 : this.arrivesAt) - now, null, arrive);
  }

  private giveUpLater(): void {
    const { world, random } = this.network;
    world.later(SILENCE_MS + random.below(1_000), this.end.process, () => {
      if (this.stopped.length > 0) this.fail('The peer has been silent for too long.');
    });
  }

  private take(message: PeerMessage): void {
    if (this.isEnded) return;
    const { receiver } = this;
    if (!receiver) return void this.inbox.push(message);
    this.receiver = null;
    this.taken();
    receiver.resolve(message);
  }

  private taken(): void {
    this.underWay--;
    const { other, network } = this;
    const wake = other.senders.shift();
    if (wake) network.world.later(network.delay(), other.end.process, wake);
  }

  /** Its process was killed: the other end hears of it, or of nothing any more. */
  private vanish(): void {
    if (this.isEnded) return;
    this.ended.abort();
    const { world, random } = this.network;
    const silence = random.below(2) === 0 ? this.network.delay() : SILENCE_MS;
    world.later(silence, this.other.end.process, () => this.other.fail('The peer is gone.'));
    this.network.forget(this);
  }

  /** Behind what is on its way. */
  private closedThere(): void {
    const { world } = this.network;
    const at = Math.max(this.other.arrivesAt, world.now) + this.network.delay();
    world.later(at - world.now, this.end.process, () => {
      this.isClosedThere = true;
      const { receiver } = this;
      this.receiver = null;
      receiver?.resolve(null);
      // What has come is still to be received.
      if (this.inbox.length === 0) this.endQuietly();
    });
  }

  private endQuietly(): void {
    this.ended.abort(new Error('The peer has closed the channel.'));
    this.wakeSenders();
    this.network.forget(this);
  }

  private finish(failure: Error | null, reason: Error): void {
    this.failure = failure;
    this.inbox.length = 0;
    const { receiver } = this;
    this.receiver = null;
    if (failure) receiver?.reject(failure);
    else receiver?.resolve(null);
    this.ended.abort(reason);
    this.wakeSenders();
    this.network.forget(this);
  }

  private wakeSenders(): void {
    for (const wake of this.senders.splice(0)) wake();
  }

  private check(): void {
    if (this.isEnded) throw this.failure ?? new Error('The channel has ended.');
  }
}

/** Both ends of a new connection. */
export function linkChannels(
  network: SimulatedNetwork,
  one: ChannelEnd,
  other: ChannelEnd,
): [SimulatedChannel, SimulatedChannel] {
  const near = new SimulatedChannel(network, one, other.name);
  const far = new SimulatedChannel(network, other, one.name);
  near.other = far;
  far.other = near;
  return [near, far];
}
