import { raceAbort } from '../../../src/common/async.js';
import type { PeerChannel, PeerHandler, PeerNetwork } from '../../../src/binlog/replication/peer/channel.js';
import type { Random } from '../random.js';
import { linkChannels, type SimulatedChannel } from './simulated-channel.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** How messages fare. */
export interface NetworkFaults {
  /** Of a thousand messages. What is dropped breaks its connection after a while. */
  dropPerMille: number;
  duplicatePerMille: number;
  reorderPerMille: number;
}

interface Listener {
  readonly process: SimulatedProcess;
  readonly handler: PeerHandler;
}

const CONNECT_TIMEOUT_MS = 500;

/** What lies between the members. */
export class SimulatedNetwork {
  readonly faults: NetworkFaults = { dropPerMille: 0, duplicatePerMille: 0, reorderPerMille: 0 };
  private readonly listeners = new Map<string, Listener>();
  private readonly channels = new Set<SimulatedChannel>();
  /** Pairs of members that do not hear each other. */
  private cuts = new Set<string>();

  constructor(
    readonly world: World,
    readonly random: Random,
  ) {}

  /** As one process of a member sees it. Others reach it there while it lives, once it listens. */
  join(name: string, process: SimulatedProcess): PeerNetwork & { listen(handler: PeerHandler): void } {
    return {
      listen: (handler) => {
        this.listeners.set(name, { process, handler });
        process.onDeath(() => {
          if (this.listeners.get(name)?.process === process) this.listeners.delete(name);
        });
      },
      connect: (member, signal) => this.connect(name, process, member, signal),
    };
  }

  cut(one: string, other: string): void {
    this.cuts.add(pairOf(one, other));
    this.world.note(`network ${pairOf(one, other)} cut`);
  }

  heal(): void {
    this.cuts.clear();
    Object.assign(this.faults, { dropPerMille: 0, duplicatePerMille: 0, reorderPerMille: 0 });
    for (const channel of this.channels) channel.resume();
  }

  isCut(one: string, other: string): boolean {
    return this.cuts.has(pairOf(one, other));
  }

  /** Ends a connection of the member, whichever. */
  breakOne(member: string): void {
    const ours = [...this.channels].filter(({ name, isEnded }) => name === member && !isEnded);
    if (ours.length > 0) this.random.pick(ours).fail('The connection was reset.');
  }

  delay(): number {
    return 0.1 + this.random.below(20) / 10;
  }

  happens(perMille: number): boolean {
    return perMille > 0 && this.random.below(1_000) < perMille;
  }

  forget(channel: SimulatedChannel): void {
    this.channels.delete(channel);
  }

  private connect(
    name: string,
    process: SimulatedProcess,
    member: string,
    signal: AbortSignal,
  ): Promise<PeerChannel> {
    const { world } = this;
    const connecting = new Promise<PeerChannel>((resolve, reject) => {
      const refuse = (ms: number): void => {
        world.later(ms, process, () => reject(new Error(`${member} cannot be reached.`)));
      };
      if (this.isCut(name, member)) return refuse(CONNECT_TIMEOUT_MS);
      world.later(this.delay(), null, () => {
        const listener = this.listeners.get(member);
        if (!listener || listener.process.isDead || process.isDead) return refuse(this.delay());
        const [near, far] = linkChannels(
          this,
          { name, process },
          { name: member, process: listener.process },
        );
        this.channels.add(near).add(far);
        world.later(this.delay(), listener.process, () => void listener.handler(far));
        world.later(this.delay(), process, () => {
          if (signal.aborted) near.close();
          else resolve(near);
        });
      });
    });
    return raceAbort(connecting, signal);
  }
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}
