import { createHash } from 'node:crypto';
import { Random } from '../random.js';
import { EventQueue, type WorldEvent } from './event-queue.js';
import type { SimulatedProcess } from './simulated-process.js';

const immediately = setImmediate;

/** The world's safety net: a schedule that needs more is one that runs in circles. */
const MAX_EVENTS = 200_000;

/**
 * Time, chance and order of a simulated world. One event happens after the other, and all code that it wakes runs to its
 * end before the next: so one seed gives one history. Nothing in it may wait for anything real.
 */
export class World {
  /** For what happens to the world; what runs in it has its own. */
  readonly random: Random;
  /** Of what the code under test does by chance. */
  readonly inner: Random;
  readonly lines: string[] = [];
  private readonly queue = new EventQueue();
  private readonly hash = createHash('sha1');
  private count = 0;
  private time = 0;
  private running: SimulatedProcess | null = null;
  /** Called when an event is over. */
  afterEvent: () => void = () => undefined;

  constructor(
    readonly seed: number,
    private readonly keepsTrace = false,
  ) {
    this.random = new Random(seed);
    this.inner = this.random.fork();
  }

  /** Milliseconds since it began. */
  get now(): number {
    return this.time;
  }

  /** Whose code runs now. */
  get process(): SimulatedProcess | null {
    return this.running;
  }

  get events(): number {
    return this.count;
  }

  /** Something worth remembering has happened. */
  note(line: string): void {
    const text = `${this.time.toFixed(3)} ${line}`;
    this.hash.update(text);
    if (this.keepsTrace) this.lines.push(text);
  }

  /** Stands for everything that has happened. Ends the trace. */
  fingerprint(): string {
    return this.hash.update(`${this.count} ${this.time}`).digest('hex');
  }

  /** After `ms`, in the name of a process. */
  later(
    ms: number,
    process: SimulatedProcess | null,
    call: () => void,
    effect: (() => void) | null = null,
  ): WorldEvent {
    const at = this.time + Math.max(0, ms);
    const event: WorldEvent = { at, number: this.count++, process, effect, call, isCancelled: false };
    this.queue.push(event);
    return event;
  }

  /** Resolves after `ms`, in the name of whoever calls it. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.later(ms, this.running, resolve));
  }

  /** Runs it in the name of a process. */
  runAs<T>(process: SimulatedProcess | null, call: () => T): T {
    const before = this.running;
    this.running = process;
    try {
      return call();
    } finally {
      this.running = before;
    }
  }

  thaw(process: SimulatedProcess): void {
    process.isFrozen = false;
    for (const { call, number, isCancelled } of process.kept.splice(0)) {
      if (isCancelled) continue;
      this.queue.push({ at: this.time, number, process, effect: null, call, isCancelled: false });
    }
  }

  /** Lets so much time pass. */
  async run(ms: number): Promise<void> {
    const end = this.time + ms;
    for (let next = this.queue.next; next && next.at <= end; next = this.queue.next) await this.step();
    this.time = end;
  }

  /** Until it holds, or so much time has passed. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const end = this.time + ms;
    while (!holds()) {
      const { next } = this.queue;
      if (!next || next.at > end) {
        this.time = end;
        return false;
      }
      await this.step();
    }
    return true;
  }

  /** The next event, and all that follows from it at once. */
  async step(): Promise<void> {
    const event = this.queue.pop();
    if (!event || event.isCancelled) return;
    if (this.count > MAX_EVENTS)
      throw new Error(`The schedule of seed ${this.seed} does not come to an end.`);
    this.time = Math.max(this.time, event.at);
    event.effect?.();
    const { process } = event;
    if (process?.isDead) return;
    if (process?.isFrozen) {
      process.kept.push(event);
      return;
    }
    this.running = process;
    try {
      event.call();
      await settled();
    } finally {
      this.running = null;
    }
    this.afterEvent();
  }

  /** Runs what is already due in the queue of promises. */
  settle(): Promise<void> {
    return settled();
  }
}

/** Resolves when no promise has anything left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => immediately(resolve));
}
