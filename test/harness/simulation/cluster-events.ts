import type { Random } from '../random.js';
import type { Cluster } from './cluster.js';

export type ClusterEvent = (cluster: Cluster, name: string, random: Random) => void | Promise<void>;

/** What befalls a cluster, each as often as it stands here. */
export const allEvents: readonly ClusterEvent[] = [
  kill,
  kill,
  crashDirty,
  crashDirty,
  crashDirty,
  freeze,
  freeze,
  cutOff,
  partition,
  partition,
  isolatePair,
  isolatePair,
  leaveUncommitted,
  loseMessages,
  loseMessages,
  loseRequests,
  loseRequests,
  loseSessions,
  loseSessions,
  fillDisk,
  resign,
  purge,
  replace,
  breakConnections,
  crashAll,
  nothing,
];

/** One of them, to one of the members. */
export async function befall(
  cluster: Cluster,
  events: readonly ClusterEvent[],
  random: Random,
): Promise<void> {
  const event = random.pick(events);
  const inOffice = cluster.names.filter((name) => cluster.member(name)?.holdsTerm);
  const name =
    random.below(2) === 0 && inOffice.length > 0 ? random.pick(inOffice) : random.pick(cluster.names);
  cluster.world.note(`event ${event.name} ${name}`);
  await event(cluster, name, random);
}

function kill(cluster: Cluster, name: string): void {
  cluster.machine(name).kill();
}

/** At a moment at which it can lose something. */
async function crashDirty(cluster: Cluster, name: string): Promise<void> {
  const machine = cluster.machine(name);
  await cluster.world.until(() => machine.contents.isDirty, 100);
  machine.crash();
}

function crashAll(cluster: Cluster): void {
  for (const name of cluster.names) cluster.machine(name).crash();
}

function freeze(cluster: Cluster, name: string): void {
  cluster.machine(name).freeze();
}

function cutOff(cluster: Cluster, name: string): void {
  const current = cluster.machine(name).current;
  if (current) current.link.faults.isCut = true;
}

/** Also of its coordinator, now and then. */
function partition(cluster: Cluster, name: string, random: Random): void {
  const others = cluster.names.filter((each) => each !== name);
  const count = 1 + random.below(others.length);
  for (const other of random.shuffle(others).slice(0, count)) cluster.network.cut(name, other);
  if (random.below(2) === 0) cutOff(cluster, name);
}

/** Two that hear each other and the coordinator, and nobody else: what they have is not committed by them. */
function isolatePair(cluster: Cluster, name: string, random: Random): void {
  const [companion, ...rest] = random.shuffle(cluster.names.filter((each) => each !== name));
  for (const other of rest) {
    cluster.network.cut(name, other);
    cluster.network.cut(companion!, other);
  }
}

/**
 * What a leader and one other have is not committed, and the leader begins new generations behind it; both go down, and
 * the others know nothing of it.
 */
export async function leaveUncommitted(cluster: Cluster, name: string, random: Random): Promise<void> {
  const { world, source, network } = cluster;
  const others = random.shuffle(cluster.names.filter((each) => each !== name));
  for (const other of others.slice(1)) for (const one of [name, others[0]!]) network.cut(one, other);
  source.write(3);
  await world.run(100);
  if (others[0] !== undefined) cluster.machine(others[0]).kill();
  const { breakPerMille } = source.manners;
  source.manners.breakPerMille = 500;
  source.write(2);
  await world.run(300);
  source.manners.breakPerMille = breakPerMille;
  cluster.machine(name).kill();
  cluster.heal();
  await world.run(3_000);
}

function loseMessages({ network }: Cluster, _name: string, random: Random): void {
  Object.assign(network.faults, {
    dropPerMille: random.pick([0, 20, 100]),
    duplicatePerMille: random.pick([0, 50, 200]),
    reorderPerMille: random.pick([0, 50, 200]),
  });
}

export function loseRequests(cluster: Cluster, _name: string, random: Random): void {
  for (const name of cluster.names) {
    const faults = cluster.machine(name).current?.link.faults;
    if (faults)
      Object.assign(faults, {
        lossPerMille: random.pick([0, 50, 200]),
        latePerMille: random.pick([0, 100, 300]),
      });
  }
}

/** Their holders do not notice. */
export function loseSessions({ server }: Cluster): void {
  for (const id of server.openSessions()) server.endSession(id);
}

function fillDisk(cluster: Cluster, name: string): void {
  cluster.machine(name).contents.isFull = true;
}

export function resign(cluster: Cluster, name: string): void {
  cluster.member(name)?.resign();
}

function purge(cluster: Cluster, _name: string, random: Random): void {
  const keepBytes = random.pick([0, 1_000, 5_000]);
  for (const name of cluster.names) cluster.member(name)?.purge(keepBytes);
}

function replace(cluster: Cluster, name: string): void {
  cluster.replace(name);
}

function breakConnections(cluster: Cluster): void {
  for (const name of cluster.names) cluster.network.breakOne(name);
}

export function nothing(): void {
  // Time passes.
}
