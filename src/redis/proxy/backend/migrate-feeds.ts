import { errorMessage } from '../../../common/errors.js';
import { parseUnnamed, type ListedClient } from '../../client-list.js';
import { FEED_IDLE_MS, feedingHosts, feedsAmong, openFeeds } from '../../migrate-feed.js';
import type { Endpoint } from '../../routing-table.js';
import { askOver } from './ask-over.js';
import { BackendError } from './backend-error.js';
import type { BackendConnection } from './connection.js';
import { askOrThrow, converse, type Ask } from './one-shot.js';

const CONVERSATION_TIMEOUT_MS = 5000;
/** How often a server may have opened a new feed while it was looked at, before all of them are killed. */
const LOOKS = 3;

export interface MigrateFeedsOptions {
  /** Opened with the table that announced the move, so that the look works without a session. */
  readonly connectionTo: (target: Endpoint) => BackendConnection;
  readonly nextName: () => string;
  readonly mayOpen: () => boolean;
}

/** One look at a target, for all requests that had their MIGRATE answered before it began. */
interface Round {
  owner: BackendConnection;
  /** When the latest MIGRATE was sent that the owner has carried out, by performance.now(); 0 when none was. */
  sentAt: number;
  readonly done: Promise<void>;
  readonly settle: (error: BackendError | null) => void;
}

interface Pair {
  running: boolean;
  next: Round | null;
}

/**
 * Keeps a RESTORE that an owner sent to a target, and gave up on, from arriving behind what clients have written since.
 *
 * When MIGRATE times out, what it sent may still be in the network and be executed much later. The next MIGRATE of the
 * key succeeds, whoever sends it, a client changes the key at the target, then the old RESTORE puts the old value back.
 * So whoever has brought keys over looks at the target, behind the owner's answer and before the request goes there:
 * feeds that the owner no longer uses are killed (`migrate-feed.ts`).
 *
 * Which feed the owner uses is proven by what it and the target have answered us, never by a count, which others can
 * reset:
 *
 * - An owner that has just answered OK has sent the key over its newest feed, so all older ones are dead to it.
 * - One that had no such key (NOKEY) has sent nothing. It uses the newest feed if it has one open at all, and if that
 *   feed is the newest both before and after it says so; a feed that it closes as idle is gone only after 10 s.
 *
 * What this cannot see is a relay between owner and target that takes keys before it has connected to the target.
 */
export class MigrateFeeds {
  private readonly pairs = new Map<string, Pair>();
  /** By target: where its feeds have come from. */
  private readonly hosts = new Map<string, Set<string>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: MigrateFeedsOptions) {}

  /**
   * Resolves when nothing that the owner has given up on can be executed by the target any more.
   *
   * @param owner the connection over which it has answered MIGRATE
   * @param sentAt when that MIGRATE was sent, if keys were moved by it; 0 if there were none
   * @throws BackendError
   */
  settle(owner: BackendConnection, target: Endpoint, sentAt: number): Promise<void> {
    const key = `${owner.endpoint.address} ${target.address}`;
    let pair = this.pairs.get(key);
    if (pair === undefined) this.pairs.set(key, (pair = { running: false, next: null }));
    if (pair.next === null) pair.next = newRound(owner);
    pair.next.owner = owner;
    pair.next.sentAt = Math.max(pair.next.sentAt, sentAt);
    const { done } = pair.next;
    if (!pair.running) void this.run(pair, target);
    return done;
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
        await this.look(round, target);
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

  private async look(round: Round, target: Endpoint): Promise<void> {
    try {
      const connection = this.options.connectionTo(target);
      const hosts = this.hostsOf(target, [round.owner.remoteHost, connection.remoteHost]);
      await killStale(askOver(connection), round, hosts);
    } catch (reason) {
      // The connection may have been lost with a server that is back, and not be tried again for a while.
      const { nextName, mayOpen } = this.options;
      if (!mayOpen()) throw reason;
      const hosts = this.hostsOf(target, [round.owner.remoteHost]);
      await converse(target, nextName(), CONVERSATION_TIMEOUT_MS, this.stopping.signal, (ask) =>
        killStale(ask, round, hosts),
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
  return { owner, sentAt: 0, done, settle };
}

/** Kills all feeds of the target but the one that the owner provably uses. */
async function killStale(target: Ask, round: Round, hosts: Set<string>): Promise<void> {
  let feeds = await list(target, hosts);
  if (feeds.length === 0) return;
  let used = performance.now() - round.sentAt < FEED_IDLE_MS - 1_000 ? newest(feeds) : undefined;
  if (used === undefined) {
    const since = performance.now();
    for (let i = 0; i < LOOKS && used === undefined; i++) {
      const before = newest(feeds);
      if (openFeeds(await askOrThrow(askOver(round.owner), 'INFO', 'stats')) === 0) break;
      feeds = await list(target, hosts);
      const isSoon = performance.now() - since < FEED_IDLE_MS - 1_000;
      if (isSoon && newest(feeds)?.id === before?.id) used = before;
    }
  }
  for (const { id } of feeds) if (id !== used?.id) await askOrThrow(target, 'CLIENT', 'KILL', 'ID', id);
}

async function list(target: Ask, hosts: Set<string>): Promise<ListedClient[]> {
  const clients = parseUnnamed(await askOrThrow(target, 'CLIENT', 'LIST'));
  for (const host of feedingHosts(clients)) hosts.add(host);
  return feedsAmong(clients, hosts);
}

function newest(feeds: readonly ListedClient[]): ListedClient | undefined {
  return feeds[feeds.length - 1];
}
