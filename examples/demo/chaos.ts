import type { MysqlServer } from '../../test/harness/servers/mysql/server.js';
import type { Restartable } from './servers.js';
import { pause } from './wait.js';

const [FIRST_MS, MIN_MS, MAX_MS] = [5_000, 20_000, 40_000];
/** What was killed stays away for so long. */
const AWAY_MS = 3_000;
const HEAL_MS = 60_000;
/** What was killed seems to be there until its session has run out. */
const STEADY_MS = 6_000;
const LOOK_MS = 250;

export interface ChaosParts {
  readonly source: MysqlServer;
  readonly proxies: readonly Restartable[];
  readonly redisReplicas: readonly Restartable[];
  readonly etcd: readonly Restartable[];
  /** The member that does not lead; null while nobody leads. */
  readonly follower: () => Promise<Restartable | null>;
  readonly isAlive: () => Promise<boolean>;
  readonly say: (text: string) => void;
}

/** Breaks something every now and then, mends it, and says when all is well again. Rejects when the signal aborts. */
export async function makeChaos(parts: ChaosParts, signal: AbortSignal): Promise<never> {
  const { isAlive, say } = parts;
  let waitMs = FIRST_MS;
  for (;;) {
    for (const fault of shuffled(faultsOf(parts, signal))) {
      await pause(waitMs, signal);
      const startedAt = performance.now();
      await fault();
      const wellAt = await untilWell(isAlive, signal);
      const seconds = (((wellAt ?? performance.now()) - startedAt) / 1_000).toFixed(1);
      say(
        wellAt === null
          ? `chaos: not well again after ${seconds} s`
          : `chaos: all is well again, ${seconds} s later`,
      );
      waitMs = MIN_MS + Math.random() * (MAX_MS - MIN_MS);
    }
  }
}

function faultsOf(parts: ChaosParts, signal: AbortSignal): (() => Promise<void>)[] {
  const { source, proxies, redisReplicas, etcd, follower, say } = parts;
  const killed = async (server: Restartable, what: string): Promise<void> => {
    say(`chaos: ${what} ${server.name} is killed, and started again in ${AWAY_MS / 1_000} s`);
    await server.kill();
    await pause(AWAY_MS, signal);
    await server.restart();
  };
  return [
    () => killed(some(proxies), 'proxy'),
    () => killed(some(redisReplicas), 'Redis replica'),
    () => killed(some(etcd), 'etcd'),
    async () => {
      const member = await follower();
      if (member !== null) await killed(member, 'the member that follows,');
    },
    async () => {
      say("chaos: the syncer's connection is cut at the source");
      const dumps = await source.query(
        `SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'`,
      );
      for (const { id } of dumps) await source.query(`KILL ${Number(id)}`);
    },
  ];
}

/** Since when it is well, once it has stayed so for a while; null when that takes too long. */
async function untilWell(isAlive: () => Promise<boolean>, signal: AbortSignal): Promise<number | null> {
  const deadline = performance.now() + HEAL_MS;
  for (let since: number | null = null; since !== null || performance.now() < deadline;) {
    const isWell = await isAlive().catch(() => false);
    since = isWell ? (since ?? performance.now()) : null;
    if (since !== null && performance.now() - since > STEADY_MS) return since;
    await pause(LOOK_MS, signal);
  }
  return null;
}

function some(servers: readonly Restartable[]): Restartable {
  return servers[Math.floor(Math.random() * servers.length)]!;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
