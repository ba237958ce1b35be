import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../random.js';
import type { ChaosCluster } from './chaos-cluster.js';
import { REMOVED_STATUS, type ChaosMember } from './chaos-member.js';

/** What happens to one part of the cluster, until it is mended. */
export interface Fault {
  /** For people. */
  readonly what: string;
  /** To which: no other fault befalls it meanwhile. */
  readonly part: string;
  /** Resolves when it is mended. */
  run(): Promise<void>;
}

type Maker = (cluster: ChaosCluster, random: Random) => Fault;

const MAKERS: readonly Maker[] = [
  onMember('is killed', [200, 5_000], async (member, ms) => {
    await member.kill();
    await pause(ms);
    await member.restart();
  }),
  onMember('stands still', [1_000, 15_000], async (member, ms) => {
    member.freeze();
    await pause(ms);
    member.resume();
  }),
  onMember('is cut off from its peers', [1_000, 8_000], async ({ relay }, ms) => {
    relay.cut();
    await pause(ms);
    relay.restore();
  }),
  onMember('hears nothing from its peers', [1_000, 8_000], async ({ relay }, ms) => {
    relay.silence();
    await pause(ms);
    relay.restore();
  }),
  onMember('has a slow network', [2_000, 8_000], async ({ relay }, ms) => {
    relay.delayMs = 50 + (ms % 200);
    await pause(ms);
    relay.delayMs = 0;
  }),
  onEtcd('is killed', async (etcd, ms) => {
    await etcd.kill();
    await pause(ms);
    etcd.launch();
    await etcd.ready();
  }),
  onEtcd('stands still', async (etcd, ms) => {
    etcd.freeze();
    await pause(ms);
    etcd.resume();
  }),
  handOver,
  wipe,
  fillDisk,
];

/** All kinds in a random order. */
export function shuffledFaults(random: Random): Maker[] {
  return random.shuffle(MAKERS);
}

function onMember(
  what: string,
  [least, most]: readonly [number, number],
  work: (member: ChaosMember, ms: number) => Promise<void>,
): Maker {
  return ({ members }, random) => {
    const member = random.pick(members);
    const ms = random.between(least, most);
    return { what: `${member.name} ${what} for ${ms} ms`, part: member.name, run: () => work(member, ms) };
  };
}

type EtcdMember = ChaosCluster['etcd']['members'][number];

function onEtcd(what: string, work: (etcd: EtcdMember, ms: number) => Promise<void>): Maker {
  return ({ etcd }, random) => {
    const member = random.pick(etcd.members);
    const ms = random.between(500, 6_000);
    return {
      what: `etcd ${member.name} ${what} for ${ms} ms`,
      part: `etcd ${member.name}`,
      run: () => work(member, ms),
    };
  };
}

function handOver(cluster: ChaosCluster, random: Random): Fault {
  const { name } = random.pick(cluster.members);
  const run = async (): Promise<void> => {
    await cluster.ask(`mutation { transferLeadership(input: { to: "${name}" }) { userErrors { message } } }`);
  };
  return { what: `leadership is handed to ${name}`, part: 'leadership', run };
}

/** Taken out while it runs, its data thrown away, and in again. */
function wipe(cluster: ChaosCluster, random: Random): Fault {
  const member = random.pick(cluster.members);
  const run = async (): Promise<void> => {
    const { process } = member.api;
    await cluster.ask(
      `mutation { removeMember(input: { name: "${member.name}" }) { userErrors { message } } }`,
    );
    const status = await process.exited;
    if (status !== REMOVED_STATUS) throw new Error(`${member.name} ended with ${status}:\n${process.output}`);
    member.wipe();
    await member.restart();
    await member.api.ready();
  };
  return { what: `${member.name} is taken out, wiped, and comes again`, part: member.name, run };
}

function fillDisk({ members }: ChaosCluster, random: Random): Fault {
  const member = members.at(-1)!;
  const ms = random.between(1_000, 6_000);
  const run = async (): Promise<void> => {
    if (!member.hasOwnDisk) return;
    member.fillDisk();
    await pause(ms);
    member.freeDisk();
  };
  return { what: `the disk of ${member.name} is full for ${ms} ms`, part: member.name, run };
}
