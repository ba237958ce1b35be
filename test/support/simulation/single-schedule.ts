import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import { CoordinatorServer } from './coordinator-server.js';
import { installWorld } from './globals.js';
import { InvariantError } from './invariant-error.js';
import { DIRECTORY, Observer } from './observer.js';
import type { ScheduleResult } from './seeds.js';
import { atOnce, SimulatedDisk } from './simulated-disk.js';
import { SimulatedMachine } from './simulated-machine.js';
import { SimulatedSource } from './simulated-source.js';
import { runSingleMember } from './single-member.js';
import { SourceHistory } from './source-history.js';
import { World } from './world.js';

/** What the whole of it may take when nothing disturbs it any more. */
const PATIENCE_MS = 60_000;

/** One member, its source and its coordinator, and what befalls them, by the seed. */
export async function runSingleSchedule(seed: number, keepsTrace = false): Promise<ScheduleResult> {
  const world = new World(seed, keepsTrace);
  const restore = installWorld(world);
  try {
    await disturb(world);
    return { fingerprint: world.fingerprint(), lines: world.lines };
  } catch (error) {
    throw Object.assign(error as Error, { lines: world.lines });
  } finally {
    restore();
  }
}

async function disturb(world: World): Promise<void> {
  const { random } = world;
  const server = new CoordinatorServer(world);
  const history = new SourceHistory(random.fork(), 20 + random.below(30));
  const machine = new SimulatedMachine(world, server, 'm1');
  const observer = new Observer(world, server, history, new Map([['m1', machine]]));
  const source = new SimulatedSource(history, observer);
  const segmentBytes = random.pick([1_000, 3_000, 10_000]);
  const parts = { name: 'm1', segmentBytes, source, observer };
  const start = (): void => machine.start((surroundings) => void runSingleMember(surroundings, parts));
  start();
  const steps = 4 + random.below(8);
  for (let i = 0; i < steps; i++) {
    source.write(random.below(6));
    // A crash that loses nothing is a dull one.
    if (random.below(2) === 0) await world.until(() => machine.contents.isDirty, 200);
    step(world, server, machine);
    await world.run(random.pick([5, 20, 100, 500, 2_500]));
    start();
    await check(machine, observer);
    if (observer.isDamaged('m1')) return;
  }
  await calm(world, machine, source, observer, start);
}

/** One of the things that happen. */
function step({ random }: World, server: CoordinatorServer, machine: SimulatedMachine): void {
  const faults = machine.current?.link.faults;
  machine.heal();
  switch (random.below(8)) {
    case 0:
      return machine.kill();
    case 1:
    case 2:
      return machine.crash();
    case 3:
      return machine.freeze();
    case 4:
      machine.contents.isFull = true;
      return;
    case 5:
      if (faults) Object.assign(faults, { lossPerMille: 150, latePerMille: 0 });
      return;
    case 6:
      if (faults) faults.isCut = true;
      return;
    default:
      for (const id of server.openSessions()) server.endSession(id);
  }
}

/** Without anything that disturbs it, all comes to a good end. */
async function calm(
  world: World,
  machine: SimulatedMachine,
  source: SimulatedSource,
  observer: Observer,
  start: () => void,
): Promise<void> {
  machine.heal();
  start();
  source.manners.breakPerMille = 0;
  source.write(Infinity);
  const { length } = source.history.transactions;
  const isDone = (): boolean =>
    observer.problem !== null || observer.isDamaged('m1') || observer.committed.count === length;
  const isOver = await world.until(isDone, PATIENCE_MS);
  await check(machine, observer);
  if (!isOver)
    throw new InvariantError(
      `Only ${observer.committed.count} of ${length} transactions were ever committed.`,
    );
}

async function check(machine: SimulatedMachine, observer: Observer): Promise<void> {
  observer.checkHolders();
  if (!machine.current) {
    const disk = new SimulatedDisk(machine.contents, atOnce);
    const isThere = (await disk.list(DIRECTORY)).includes('journal.state');
    const problems = isThere ? (await verifyJournal(DIRECTORY, disk)).problems : [];
    const serious = problems.find(({ isHarmless }) => !isHarmless);
    if (serious)
      observer.damaged('m1', new InvariantError(`${serious.file} at ${serious.offset}: ${serious.problem}`));
  }
  if (observer.problem) throw observer.problem;
}
