import { createHash } from 'node:crypto';
import { delay } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { Coordinator, WriteOperation } from '../../coordinator/types.js';
import type { Leadership } from '../../coordinator/leadership.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Endpoint } from '../routing-table.js';
import { SLOT_COUNT } from '../slots.js';
import type { ServerMonitor } from '../topology/monitor.js';
import { topologyCollections as collections, type ForeignKeysRecord } from '../topology/records.js';
import { formatSlots } from '../topology/slot-writes.js';
import type { Topology } from '../topology/topology.js';
import { countKeysOf, sum } from './keys-at-target.js';

const LOOK_INTERVAL_MS = 2_000;
/** How long after keys were found they are looked for again, since people may remove them by hand. */
const AGAIN_MS = 15_000;
/** A count that took long is repeated seldom: it has the server for at most a twentieth of the time. */
const AGAIN_SHARE = 20;
/** The server is left alone for so many times as long as it has worked for the count. */
const REST_SHARE = 9;

export interface ForeignKeyWatchOptions {
  readonly coordinator: Coordinator;
  readonly topology: Topology;
  readonly serverMonitor: ServerMonitor;
  readonly log: Logger;
}

/** A group at rest, and what its master and its slots are; keys are counted anew when that changes. */
interface Resting {
  readonly group: number;
  readonly server: Endpoint;
  readonly basis: string;
  /** The slots that the group owns. */
  readonly slots: readonly number[];
}

/**
 * A duty of the leader: counts the keys that masters hold of slots which their groups do not own. It counts when a
 * master was started again or replaced, and when its group's slots have changed, once nothing moves there.
 */
export class ForeignKeyWatch {
  /** By group: what it was at the last look. */
  private seen = new Map<number, string>();
  /** By group: when its keys may be counted again although nothing has changed, on the clock of `performance.now`. */
  private readonly again = new Map<number, number>();

  constructor(private readonly options: ForeignKeyWatchOptions) {}

  /** Runs until leadership is lost. */
  async run(leadership: Leadership): Promise<void> {
    while (leadership.isHeld()) {
      try {
        await delay(LOOK_INTERVAL_MS, leadership.signal);
        await this.look(leadership);
      } catch (error) {
        if (leadership.signal.aborted) return;
        this.options.log.debug({ reason: errorMessage(error) }, 'Foreign keys could not be counted');
      }
    }
  }

  private async look(leadership: Leadership): Promise<void> {
    const resting = this.resting();
    const settled = resting.filter(({ group, basis }) => this.seen.get(group) === basis);
    this.seen = new Map(resting.map(({ group, basis }) => [group, basis]));
    for (const each of settled) if (this.isDue(each)) await this.count(each, leadership);
    const { topology } = this.options;
    const groups = new Set(topology.groups().map(({ value }) => String(value.number)));
    const stale = topology.view.list(collections.foreignKeys).filter(({ id }) => !groups.has(id));
    const { foreignKeys } = collections;
    if (stale.length > 0)
      await this.commit(
        stale.map(({ id }) => ({ delete: foreignKeys.key(id) })),
        leadership,
      );
  }

  /** Groups whose master answers, and of whose slots none is on its way, from there or to there. */
  private resting(): Resting[] {
    const { topology, serverMonitor } = this.options;
    if (!topology.hasSlots()) return [];
    const busy = new Set<number>();
    const owned = new Map<number, number[]>();
    for (const { number, group, targetGroup, operation } of topology.slots()) {
      if (group !== null) {
        const slots = owned.get(group);
        if (slots) slots.push(number);
        else owned.set(group, [number]);
      }
      if (operation === null && targetGroup === null) continue;
      if (group !== null) busy.add(group);
      if (targetGroup !== null) busy.add(targetGroup);
    }
    for (const { value } of topology.view.list(collections.plans))
      for (const [, from, to] of value.moves) busy.add(from).add(to);
    for (const { value } of topology.view.list(collections.assignments))
      if (value.group !== null) busy.add(value.group);
    return topology.groups().flatMap(({ value: { number: group } }) => {
      const server = topology.masterEndpoint(group);
      const identity = server && serverMonitor.status(server.address).identity;
      if (!server || !identity || busy.has(group)) return [];
      const slots = owned.get(group) ?? [];
      const hash = createHash('sha256').update(slots.join()).digest('hex').slice(0, 16);
      return [{ group, server, basis: `${server.address} ${identity} ${hash}`, slots }];
    });
  }

  private isDue({ group, basis }: Resting): boolean {
    const record = this.options.topology.view.get(collections.foreignKeys, String(group))?.value;
    if (record?.basis !== basis) return true;
    return record.keys > 0 && performance.now() > (this.again.get(group) ?? 0);
  }

  private async count({ group, server, basis, slots }: Resting, leadership: Leadership): Promise<void> {
    const startedAt = performance.now();
    const own = new Set(slots);
    const foreign = new Set(
      Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !own.has(slot)),
    );
    const counts = await countKeysOf(server, foreign, leadership.signal, REST_SHARE);
    const took = performance.now() - startedAt;
    this.again.set(group, performance.now() + Math.max(AGAIN_MS, AGAIN_SHARE * took));
    // Keys that were on their way meanwhile may have been counted, and are counted anew once they have arrived.
    if (!this.resting().some((each) => each.group === group && each.basis === basis)) return;
    const value: ForeignKeysRecord = {
      server: server.address,
      basis,
      keys: sum(counts),
      slots: counts.size,
      named: formatSlots([...counts.keys()]),
    };
    const { foreignKeys } = collections;
    const before = this.options.topology.view.get(foreignKeys, String(group))?.value;
    if (before && foreignKeys.encode(before) === foreignKeys.encode(value)) return;
    await this.commit(
      [{ put: foreignKeys.key(String(group)), value: foreignKeys.encode(value) }],
      leadership,
    );
  }

  private async commit(operations: readonly WriteOperation[], leadership: Leadership): Promise<void> {
    const { coordinator, topology } = this.options;
    const result = await coordinator.commit({
      conditions: [leadership.condition],
      operations: [...operations],
    });
    if (result.committed) await topology.view.waitFor(result.revision, leadership.signal);
  }
}
