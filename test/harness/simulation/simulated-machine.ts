import type { Random } from '../random.js';
import { CoordinatorLink } from './coordinator-link.js';
import type { CoordinatorServer } from './coordinator-server.js';
import { DiskContents } from './disk-contents.js';
import { SimulatedCoordinator } from './simulated-coordinator.js';
import { SimulatedDisk, type Carrier } from './simulated-disk.js';
import { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** What a process finds on its machine. */
export interface Surroundings {
  readonly process: SimulatedProcess;
  readonly disk: SimulatedDisk;
  readonly coordinator: SimulatedCoordinator;
  readonly link: CoordinatorLink;
  readonly random: Random;
}

/** A machine: a disk that outlives what runs on it, and at most one process. */
export class SimulatedMachine {
  readonly contents = new DiskContents();
  readonly random: Random;
  private running: Surroundings | null = null;
  private starts = 0;

  constructor(
    private readonly world: World,
    private readonly server: CoordinatorServer,
    readonly name: string,
  ) {
    this.random = world.random.fork();
  }

  /** Null while nothing runs. */
  get current(): Surroundings | null {
    return this.running;
  }

  /** Starts a process that does this. */
  start(run: (surroundings: Surroundings) => void): void {
    if (this.running) return;
    const { world, server } = this;
    const process = new SimulatedProcess(`${this.name}.${++this.starts}`);
    const random = this.random.fork();
    const link = new CoordinatorLink(world, process, random);
    const coordinator = new SimulatedCoordinator(world, server, link);
    process.onDeath(() => coordinator.abandon());
    const taken = (length: number): number =>
      length > 1 && random.below(10) === 0 ? 1 + random.below(length) : length;
    const disk = new SimulatedDisk(this.contents, this.carrier(process, random), taken);
    const surroundings = { process, disk, coordinator, link, random };
    this.running = surroundings;
    world.note(`${process.name} starts`);
    world.later(0, process, () => run(surroundings));
  }

  /** The process is gone from one moment to the next; what it has written is not. */
  kill(): void {
    if (!this.running) return;
    this.world.note(`${this.name} killed`);
    this.running.process.die();
    this.running = null;
  }

  /** The machine goes down, and what was not synced with it. */
  crash(): void {
    this.kill();
    this.world.note(`${this.name} crashed`);
    this.contents.crash(this.random);
  }

  freeze(): void {
    if (!this.running || this.running.process.isFrozen) return;
    this.world.note(`${this.name} frozen`);
    this.running.process.isFrozen = true;
  }

  thaw(): void {
    if (!this.running?.process.isFrozen) return;
    this.world.note(`${this.name} thawed`);
    this.world.thaw(this.running.process);
  }

  /** Nothing keeps it from working any more. */
  heal(): void {
    this.thaw();
    this.contents.isFull = false;
    if (!this.running) return;
    const { link, coordinator } = this.running;
    Object.assign(link.faults, { isCut: false, lossPerMille: 0, latePerMille: 0 });
    coordinator.receive();
  }

  /** Work that was under way when the process died is not done any more. */
  private carrier(process: SimulatedProcess, random: Random): Carrier {
    return (kind, work) =>
      new Promise((resolve, reject) => {
        let settle: () => void = () => undefined;
        const effect = (): void => {
          if (process.isDead) return;
          try {
            const result = work();
            settle = () => resolve(result);
          } catch (error) {
            settle = () => reject(error as Error);
          }
        };
        this.world.later(delayOf(kind, random), process, () => settle(), effect);
      });
  }
}

function delayOf(kind: 'read' | 'write' | 'sync', random: Random): number {
  if (kind !== 'sync') return 0.02 + random.below(10) / 100;
  return random.below(50) === 0 ? 20 + random.below(80) : 0.2 + random.below(40) / 10;
}
