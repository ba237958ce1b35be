import { verifyJournal } from '../../../src/binlog/journal/verify.js';
import { nothingBroken, type Breakage } from './breakages/breakage.js';
import { Cluster } from './cluster.js';
import { allEvents, befall, type ClusterEvent } from './cluster-events.js';
import { CoordinatorServer } from './coordinator-server.js';
import { installWorld } from './globals.js';
import { StalledError } from './invariant-error.js';
import { DIRECTORY } from './observer.js';
import type { ScheduleResult } from './seeds.js';
import { atOnce, SimulatedDisk } from './simulated-disk.js';
import { World } from './world.js';

/** What it may take until all is well when nothing disturbs it any more. */
const PATIENCE_MS = 120_000;

export interface ScheduleOptions {
  /** Of the cluster, one of them. */
  readonly sizes?: readonly number[];
  readonly breakage?: Breakage;
  /** Of which one after the other befalls it. */
  readonly events?: readonly ClusterEvent[];
  /** How often the source's connection breaks. */
  readonly breakPerMille?: number;
  readonly keepsTrace?: boolean;
}

/** A cluster, and what befalls it, by the seed. */
export async function runSchedule(
  seed: number,
  {
    sizes = [3, 3, 3, 4, 5],
    breakage = nothingBroken,
    keepsTrace = false,
    events = allEvents,
    breakPerMille = 60,
  }: ScheduleOptions = {},
): Promise<ScheduleResult> {
  const world = new World(seed, keepsTrace);
  const restore = installWorld(world);
  try {
    const cluster = new Cluster(world, new CoordinatorServer(world), world.random.pick(sizes), breakage);
    cluster.source.manners.breakPerMille = breakPerMille;
    await disturb(cluster, events);
    await calm(cluster);
    return { fingerprint: world.fingerprint(), lines: world.lines };
  } catch (error) {
    throw Object.assign(error as Error, { lines: world.lines });
  } finally {
    restore();
  }
}

async function disturb(cluster: Cluster, events: readonly ClusterEvent[]): Promise<void> {
  const { world, source } = cluster;
  const { random } = world;
  for (const name of cluster.names) cluster.start(name);
  const steps = 5 + random.below(8);
  for (let i = 0; i < steps; i++) {
    source.write(random.below(6));
    await befall(cluster, events, random);
    if (random.below(4) === 0) await befall(cluster, events, random);
    await world.run(random.pick([5, 20, 50, 200, 800, 2_500]));
    if (random.below(3) > 0) cluster.heal();
    for (const name of cluster.names) {
      if (cluster.observer.isDamaged(name)) cluster.replace(name);
      if (random.below(3) > 0) cluster.start(name);
    }
    cluster.promote();
    check(cluster);
  }
}

/** Without anything that disturbs it, all comes to a good end. */
async function calm(cluster: Cluster): Promise<void> {
  const { world, source, observer, names } = cluster;
  source.manners.breakPerMille = 0;
  source.write(Infinity);
  cluster.heal();
  for (const name of names) cluster.start(name);
  const { length } = source.history.transactions;
  const isDone = (): boolean =>
    observer.committed.count === length &&
    cluster.operator.record.members.every(
      ({ id, role }) => role === 'VOTER' && observer.heldBy(id!) === observer.committed.length,
    );
  for (let waited = 0; waited < PATIENCE_MS && !isDone(); waited += 200) {
    await world.until(() => observer.problem !== null || isDone(), 200);
    for (const name of names) if (observer.isDamaged(name)) cluster.replace(name);
    cluster.promote();
    check(cluster);
  }
  if (!isDone())
    throw new StalledError(
      `It came to no end: ${observer.committed.count} of ${length} transactions are committed.`,
    );
  for (const name of names) await verify(cluster, name);
  check(cluster);
}

/** What is on the disk is a journal, by the product's own eyes. */
async function verify(cluster: Cluster, name: string): Promise<void> {
  const disk = new SimulatedDisk(cluster.machine(name).contents, atOnce);
  const { problems } = await verifyJournal(DIRECTORY, disk);
  const serious = problems.find(({ isHarmless }) => !isHarmless);
  if (serious) cluster.observer.report(`${name}: ${serious.file} at ${serious.offset}: ${serious.problem}`);
}

function check({ observer }: Cluster): void {
  observer.checkHolders();
  if (observer.problem) throw observer.problem;
}
