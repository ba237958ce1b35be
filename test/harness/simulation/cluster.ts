import type { Breakage } from './breakages/breakage.js';
import type { CoordinatorServer } from './coordinator-server.js';
import { Observer } from './observer.js';
import { Operator } from './operator.js';
import { ReplicaMember } from './replica-member.js';
import { SimulatedMachine } from './simulated-machine.js';
import { SimulatedNetwork } from './simulated-network.js';
import { SimulatedSource } from './simulated-source.js';
import { SourceHistory } from './source-history.js';
import type { World } from './world.js';

interface Place {
  readonly machine: SimulatedMachine;
  readonly segmentBytes: number;
  /** Of the data that are on it. */
  id: string;
  lives: number;
  member: ReplicaMember | null;
}

/** Members on their machines, what lies between them, and who looks after them. */
export class Cluster {
  readonly network: SimulatedNetwork;
  readonly source: SimulatedSource;
  readonly observer: Observer;
  readonly operator: Operator;
  readonly names: readonly string[];
  private readonly places = new Map<string, Place>();
  private readonly byId = new Map<string, SimulatedMachine>();

  constructor(
    readonly world: World,
    readonly server: CoordinatorServer,
    size: number,
    private readonly breakage: Breakage,
  ) {
    const { random } = world;
    const history = new SourceHistory(random.fork(), 20 + random.below(20));
    this.network = new SimulatedNetwork(world, random.fork());
    this.observer = new Observer(world, server, history, this.byId);
    this.source = new SimulatedSource(history, this.observer);
    this.operator = new Operator(server, this.observer);
    this.names = Array.from({ length: size }, (_, i) => `m${i + 1}`);
    for (const name of this.names) {
      // Members that append the same need not cut it into the same segments.
      const segmentBytes = random.pick([800, 2_000, 5_000, 15_000]);
      const machine = new SimulatedMachine(world, server, name);
      this.places.set(name, { machine, segmentBytes, id: `${name}-1`, lives: 1, member: null });
      this.byId.set(`${name}-1`, machine);
      this.operator.add(name, `${name}-1`, 'VOTER');
    }
  }

  machine(name: string): SimulatedMachine {
    return this.place(name).machine;
  }

  /** Null while it is down. */
  member(name: string): ReplicaMember | null {
    const { machine, member } = this.place(name);
    return machine.current ? member : null;
  }

  start(name: string): void {
    const place = this.place(name);
    const { machine, id, segmentBytes } = place;
    if (machine.current) return;
    const { network, source, observer, breakage } = this;
    machine.start((surroundings) => {
      const parts = { name, id, segmentBytes, network, source, observer, breakage };
      place.member = new ReplicaMember(surroundings, parts);
      void place.member.run();
    });
  }

  /** A member is taken out, and comes back with an empty disk. False when that cannot be done now. */
  replace(name: string): boolean {
    const place = this.place(name);
    const isUp = (id: string): boolean => {
      const current = this.byId.get(id)?.current;
      return current != null && !current.process.isFrozen;
    };
    if (!this.operator.remove(place.id, isUp)) return false;
    this.world.note(`${name} replaced`);
    place.machine.kill();
    place.machine.contents.wipe();
    this.byId.delete(place.id);
    place.id = `${name}-${++place.lives}`;
    this.byId.set(place.id, place.machine);
    this.operator.add(name, place.id, 'LEARNER');
    this.observer.replaced(name);
    this.start(name);
    return true;
  }

  /** Those that have caught up get their votes, one at a time. */
  promote(): void {
    const learner = this.operator.record.members.find(({ role }) => role === 'LEARNER');
    if (learner) this.operator.promote(learner.id!);
  }

  heal(): void {
    this.network.heal();
    for (const name of this.names) this.machine(name).heal();
  }

  private place(name: string): Place {
    return this.places.get(name)!;
  }
}
