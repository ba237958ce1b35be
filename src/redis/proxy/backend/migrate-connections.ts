import { errorMessage } from '../../../common/errors.js';
import { parseUnnamed, type ListedClient } from '../../client-list.js';
import {
  MIGRATE_IDLE_MS,
  migratingHosts,
  migrateConnectionsAmong,
  openMigrateConnections,
  wasUsedLately,
} from '../../migrate-connection.js';
import type { Endpoint } from '../../routing-table.js';
import { askOver } from './ask-over.js';
import { BackendError } from './backend-error.js';
import type { BackendConnection } from './connection.js';
import { askOrThrow, converse, type Ask } from './one-shot.js';

const CONVERSATION_TIMEOUT_MS = 5000;
/**
 * No MIGRATE times out sooner: those of proxies and movers wait for five seconds, and a server takes a timeout of zero
 * for one second.
 */
const SHORTEST_MIGRATE_TIMEOUT_MS = 1000;
/** How often a server may open a new connection while it is looked at, before all of its connections are killed. */
const LOOKS = 3;

export interface MigrateConnectionsOptions {
  /** Opened with the table that announced the move, so that the look works without a session. */
  readonly connectionTo: (target: Endpoint) => BackendConnection;
  readonly nextName: () => string;
  readonly mayOpen: () => boolean;
}

/** How an owner has answered one MIGRATE. Times are performance.now(). */
export interface AnsweredMigrate {
  readonly sentAt: number;
  /** Whether it has sent keys; otherwise it had none of them. */
  readonly hasSent: boolean;
  /** Whether it had a connection open right after a MIGRATE that found no key; false when that is not known. */
  readonly hadConnection: boolean;
}

/** One look at a target, for all requests that had their MIGRATE answered before it began. */
interface Round {
  owner: BackendConnection;
  /** When the latest MIGRATE was sent that the owner has carried out; 0 when none was. */
  sentAt: number;
  /** When the earliest MIGRATE was sent. */
  earliestAt: number;
  /** Whether the owner had a connection open after each MIGRATE that found no key. */
  hadConnection: boolean;
  readonly done: Promise<void>;
  readonly settle: (error: BackendError | null) => void;
}

/** The newest MIGRATE connection that a target had. */
interface Sight {
  readonly id: string | undefined;
  /** Before the target was asked. */
  readonly at: number;
}

interface Pair {
  running: boolean;
  next: Round | null;
  last: Sight | null;
}

/**
 * Keeps a RESTORE that an owner sent to a target, and gave up on, from arriving behind what clients have written since.
 *
 * When MIGRATE times out, what it sent may still be in the network and be executed much later. The next MIGRATE of the
 * key succeeds, whoever sends it. A client changes the key at the target. Then the old RESTORE puts the old value back.
 * So whoever has brought keys over looks at the target, behind the owner's answer and before the request goes there.
 * MIGRATE connections that the owner no longer uses are killed (`migrate-connection.ts`).
 *
 * Owner and target prove by their answers which connection the owner uses. A count proves nothing: others can reset it.
 *
 * - An owner that has just answered OK has sent the key over its newest connection. It never uses an older one again.
 * - An owner that had no such key (NOKEY) has sent nothing. Its newest connection is the target's newest one, if three
 *   things hold. The owner has a connection open right after its answer. The target's newest one was the newest already
 *   when we looked last. The target's newest one was used lately, because what the owner has open may lead elsewhere.
 *   If the owner used another one, it would have opened that since we looked last and closed it before we look again.
 *   But a connection that is closed as idle lives for 10 s, and one whose MIGRATE times out for a second. We look again
 *   sooner than that.
 * - When neither proves anything, the target is looked at before and after the owner says whether it has a connection.
 *
 * Two things remain unseen: a relay between owner and target that takes keys before it has connected to the target, and
 * a connection in use that somebody else closes at the target (CLIENT KILL) while an older one is held up on its way.
 */
export class MigrateConnections {
  private readonly pairs = new Map<string, Pair>();
  /** By target: where its MIGRATE connections have come from. */
  private readonly hosts = new Map<string, Set<string>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: MigrateConnectionsOptions) {}

  /**
   * Resolves when nothing that the owner has given up on can be executed by the target any more.
   *
   * @param owner the connection over which it has answered MIGRATE
   * @throws BackendError
   */
  settle(owner: BackendConnection, target: Endpoint, migrate: AnsweredMigrate): Promise<void> {
    const key = `${owner.endpoint.address} ${target.address}`;
    let pair = this.pairs.get(key);
    if (pair === undefined) this.pairs.set(key, (pair = { running: false, next: null, last: null }));
    if (pair.next === null) pair.next = newRound(owner);
    const round = pair.next;
    round.owner = owner;
    round.earliestAt = Math.min(round.earliestAt, migrate.sentAt);
    if (migrate.hasSent) round.sentAt = Math.max(round.sentAt, migrate.sentAt);
    else round.hadConnection &&= migrate.hadConnection;
    if (!pair.running) void this.run(pair, target);
    return round.done;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** One round at a time: requests that come meanwhile wait for the next, together. */
  private async run(pair: Pair, target: Endpoint): Promise<void> {
    pair.running = true;
    for (let round = pair.next; round !== null; round = pair.next) {
      pair.next = null;
      try {
        await this.look(pair, round, target);
        round.settle(null);
      } catch (error) {
        round.settle(
          new BackendError(
            `whether an earlier MIGRATE to ${target.address} is still under way is not known for certain, and it could ` +
              `not be cut off: ${errorMessage(error)}`,
            'UNREACHABLE',
            target.address,
          ),
        );
      }
    }
    pair.running = false;
  }

  private async look(pair: Pair, round: Round, target: Endpoint): Promise<void> {
    try {
      const connection = this.options.connectionTo(target);
      const hosts = this.hostsOf(target, [round.owner.remoteHost, connection.remoteHost]);
      await killStale(askOver(connection), pair, round, hosts);
    } catch (reason) {
      // The connection may have been lost with a server that is back, and not be tried again for a while.
      const { nextName, mayOpen } = this.options;
      if (!mayOpen()) throw reason;
      const hosts = this.hostsOf(target, [round.owner.remoteHost]);
      await converse(target, nextName(), CONVERSATION_TIMEOUT_MS, this.stopping.signal, (ask) =>
        killStale(ask, pair, round, hosts),
      );
    }
  }

  private hostsOf(target: Endpoint, more: readonly string[]): Set<string> {
    let hosts = this.hosts.get(target.address);
    if (hosts === undefined) this.hosts.set(target.address, (hosts = new Set()));
    for (const host of more) if (host !== '') hosts.add(host);
    return hosts;
  }
}

function newRound(owner: BackendConnection): Round {
  let settle: Round['settle'] = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === null ? resolve() : reject(error));
  });
  return { owner, sentAt: 0, earliestAt: Number.POSITIVE_INFINITY, hadConnection: true, done, settle };
}

/** Kills all MIGRATE connections of the target but the one that the owner provably uses. */
async function killStale(target: Ask, pair: Pair, round: Round, hosts: Set<string>): Promise<void> {
  const before = pair.last;
  const at = performance.now();
  let candidates = await list(target, hosts);
  pair.last = { id: newest(candidates)?.id, at };
  const first = newest(candidates);
  if (first === undefined) return;
  let used = isUsed(first, before, round) ? first : undefined;
  for (let i = 0; i < LOOKS && used === undefined; i++) {
    const asked = performance.now();
    if (openMigrateConnections(await askOrThrow(askOver(round.owner), 'INFO', 'stats')) === 0) break;
    const earlier = newest(candidates);
    candidates = await list(target, hosts);
    const candidate = newest(candidates);
    if (candidate === undefined) break;
    if (isSoonerThanTimeout(asked) && candidate.id === earlier?.id && wasUsedLately(candidate))
      used = candidate;
  }
  pair.last = { id: used?.id, at };
  for (const { id } of candidates) if (id !== used?.id) await askOrThrow(target, 'CLIENT', 'KILL', 'ID', id);
}

/** Whether what the owner has answered proves that it uses the target's newest MIGRATE connection. */
function isUsed(candidate: ListedClient, before: Sight | null, round: Round): boolean {
  if (round.sentAt > 0) return isSoonerThanTimeout(round.sentAt);
  if (!round.hadConnection || !isSoonerThanTimeout(round.earliestAt) || !wasUsedLately(candidate))
    return false;
  return (
    before !== null && before.id === candidate.id && performance.now() - before.at < MIGRATE_IDLE_MS - 1_000
  );
}

/** Whether no MIGRATE that was sent behind this moment can have timed out yet. */
function isSoonerThanTimeout(at: number): boolean {
  return performance.now() - at < SHORTEST_MIGRATE_TIMEOUT_MS;
}

async function list(target: Ask, hosts: Set<string>): Promise<ListedClient[]> {
  const clients = parseUnnamed(await askOrThrow(target, 'CLIENT', 'LIST'));
  for (const host of migratingHosts(clients)) hosts.add(host);
  return migrateConnectionsAmong(clients, hosts);
}

function newest(candidates: readonly ListedClient[]): ListedClient | undefined {
  return candidates[candidates.length - 1];
}
