import type { SecretBox } from '../../common/secret-box.js';
import type { Stored } from '../../cluster/collection.js';
import type { StateView } from '../../cluster/view.js';
import { SLOT_COUNT } from '../slots.js';
import type { AbandonedServer, Endpoint } from '../routing-table.js';
import {
  DEFAULT_LIMITS,
  SLOTS_PER_RECORD,
  topologyCollections as collections,
  type GroupRecord,
  type MigrationLimits,
  type ProxyAckRecord,
  type ProxyRecord,
  type ServerRecord,
  type SlotRecord,
} from './records.js';

/** A slot with its number and the revision of the record that holds it. */
export interface Slot extends SlotRecord {
  readonly number: number;
  readonly revision: bigint;
}

export interface RegisteredProxy {
  readonly record: Stored<ProxyRecord>;
  /** Whether its session lives. */
  readonly alive: boolean;
  /** How long a session of it lives without a sign of life, in milliseconds; 0 when it has none. */
  readonly sessionTtlMs: number;
  /** The acknowledgement of this very process; undefined before the first. */
  readonly ack: ProxyAckRecord | undefined;
}

/** Whether a proxy that is to serve does not yet: its clients cannot connect, or it has confirmed no routes. */
export function isStarting({ record, ack }: RegisteredProxy): boolean {
  return record.value.state === 'ONLINE' && (!ack?.listening || ack.revision === '0');
}

/** The sharded Redis' part of the view: groups, slots, proxies. Reading only. */
export class Topology {
  private counted: { revision: bigint; counts: ReadonlyMap<number, number> } | undefined;

  constructor(
    readonly view: StateView,
    private readonly secrets: SecretBox,
  ) {}

  /** Ascending by number. */
  groups(): Stored<GroupRecord>[] {
    return this.view.list(collections.groups).sort((a, b) => a.value.number - b.value.number);
  }

  group(number: number): Stored<GroupRecord> | undefined {
    return this.view.get(collections.groups, number);
  }

  /** Whether `initSlots` has been called. */
  hasSlots(): boolean {
    return this.view.get(collections.slots, chunkId(0)) !== undefined;
  }

  /** Undefined when the slots have not been created or the number is none. */
  slot(number: number): Slot | undefined {
    const chunk = this.view.get(collections.slots, chunkId(number));
    const record = chunk?.value.slots[number % SLOTS_PER_RECORD];
    return chunk && record && { ...record, number, revision: chunk.revision };
  }

  /** Ascending; empty before the slots are created. */
  slots(from = 0, to = SLOT_COUNT - 1): Slot[] {
    const slots: Slot[] = [];
    for (let number = from; number <= to; number++) {
      const slot = this.slot(number);
      if (slot) slots.push(slot);
    }
    return slots;
  }

  /** Slots that a group owns or that move to it. */
  slotsOf(group: number): Slot[] {
    return this.slots().filter((slot) => slot.group === group || slot.targetGroup === group);
  }

  /** Ascending by name. */
  proxies(): RegisteredProxy[] {
    return this.view
      .list(collections.proxies)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((record) => this.describeProxy(record));
  }

  proxy(name: string): RegisteredProxy | undefined {
    const record = this.view.get(collections.proxies, name);
    return record && this.describeProxy(record);
  }

  /** Proxies that may have requests under way: all that have neither stopped nor been fenced. */
  activeProxies(): RegisteredProxy[] {
    return this.proxies().filter(({ record }) => ['ONLINE', 'MARK_OFFLINE'].includes(record.value.state));
  }

  limits(): MigrationLimits {
    return this.view.get(collections.limits, 'limits')?.value ?? DEFAULT_LIMITS;
  }

  master(group: GroupRecord | undefined): ServerRecord | undefined {
    return group?.servers.find((server) => server.type === 'MASTER');
  }

  /** How to reach a group's master. */
  masterEndpoint(number: number): Endpoint | undefined {
    const master = this.master(this.group(number)?.value);
    return master && this.endpoint(master);
  }

  /** Throws a SecretKeyError when the stored password does not open. */
  endpoint(server: ServerRecord): Endpoint {
    const password =
      server.password === null ? null : this.secrets.open(server.password, passwordContext(server.address));
    return { address: server.address, password, identity: server.runId };
  }

  /** Servers that were given up, with the slots whose requests there are waited for no longer. */
  abandoned(): AbandonedServer[] {
    return this.view
      .list(collections.abandoned)
      .map(({ id, value }) => ({ address: id, slots: value.slots }));
  }

  isAbandoned(address: string): boolean {
    return this.view.get(collections.abandoned, address) !== undefined;
  }

  /**
   * The masters of groups that have slots, or get some: those to which a proxy may have sent changes that matter. All
   * slots left every other server under a barrier, or that server was given up for them.
   */
  serversWithSlots(): Set<string> {
    const groups = new Set(this.slots().flatMap((slot) => [slot.group, slot.targetGroup]));
    const masters = this.groups().flatMap(({ value }) =>
      groups.has(value.number) ? (this.master(value) ?? []) : [],
    );
    return new Set(masters.map(({ address }) => address));
  }

  /** The operation that has plans with a group, if any: when it goes on, it must find the server that it set out with. */
  operationWith(group: number): string | undefined {
    const isPart = ([, from, to]: readonly [number, number, number]): boolean =>
      from === group || to === group;
    return (
      this.view.list(collections.plans).find(({ value }) => value.moves.some(isPart))?.id ??
      this.view.list(collections.assignments).find(({ value }) => value.group === group)?.id ??
      this.slotsOf(group).find(({ operation }) => operation !== null)?.operation ??
      undefined
    );
  }

  /** Every server of every group. */
  servers(): ServerRecord[] {
    return this.groups().flatMap((group) => group.value.servers);
  }

  /** How to reach every server of every group. Throws a SecretKeyError like `endpoint`. */
  endpoints(): Endpoint[] {
    return this.servers().map((server) => this.endpoint(server));
  }

  /** How many slots a group owns; counted for all groups together, once per revision. */
  slotCount(group: number): number {
    if (this.counted?.revision !== this.view.revision) {
      const counts = new Map<number, number>();
      for (const chunk of this.view.list(collections.slots)) {
        for (const slot of chunk.value.slots) {
          if (slot.group !== null) counts.set(slot.group, (counts.get(slot.group) ?? 0) + 1);
        }
      }
      this.counted = { revision: this.view.revision, counts };
    }
    return this.counted.counts.get(group) ?? 0;
  }

  /** How many slots belong to a group. */
  assignedSlots(): number {
    return this.groups().reduce((sum, { value }) => sum + this.slotCount(value.number), 0);
  }

  private describeProxy(record: Stored<ProxyRecord>): RegisteredProxy {
    const { incarnation } = record.value;
    const session = this.view.get(collections.proxySessions, record.id)?.value;
    const ack = this.view.get(collections.proxyAcks, record.id)?.value;
    return {
      record,
      alive: session?.incarnation === incarnation,
      sessionTtlMs: session?.ttlMs ?? 0,
      ack: ack?.incarnation === incarnation ? ack : undefined,
    };
  }
}

/** The record that holds a slot; padded, so that keys sort like numbers. */
export function chunkId(slot: number): string {
  return String(Math.floor(slot / SLOTS_PER_RECORD)).padStart(2, '0');
}

/** What a server's sealed password is bound to. */
export function passwordContext(address: string): string {
  return `server/${address}`;
}
