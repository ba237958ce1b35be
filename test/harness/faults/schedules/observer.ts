import type { Client } from 'graphql-ws';
import type { QuorateMember } from '../../servers/quorate.js';

export interface SeenOperation {
  readonly id: string;
  readonly state: string;
  readonly done: string;
  readonly total: string | null;
  readonly error: string | null;
  readonly revision: string;
}

interface SeenSlot {
  readonly number: number;
  readonly status: string;
  readonly group: { readonly number: number } | null;
  readonly targetGroup: { readonly number: number } | null;
  readonly revision: string;
}

const SLOTS =
  'subscription { slotStatus { number status group { number } targetGroup { number } revision } }';
const OPERATIONS = 'subscription { operationProgress { id state done total error revision } }';
const RETRY_MS = 100;

/** What the members tell of the state of slots and operations, as it happens, whichever of them are there. */
export class Observer {
  readonly operations = new Map<string, SeenOperation>();
  /** How many times slots were seen to enter a state, counted by revision. */
  heldTimes = 0;
  movingTimes = 0;
  private readonly slots = new Map<number, SeenSlot>();
  private readonly waiters = new Set<() => void>();
  private readonly clients = new Set<Client>();
  private stopped = false;

  /** @param members asked anew at every attempt to subscribe */
  constructor(private readonly members: () => readonly QuorateMember[]) {}

  /** Told of every slot that is seen on its way from one group to another. */
  onMove: (slot: number, from: number, to: number) => void = () => undefined;

  start(): void {
    for (let index = 0; index < this.members().length; index++) {
      void this.follow<{ slotStatus: SeenSlot[] }>(index, SLOTS, ({ slotStatus }) =>
        this.seeSlots(slotStatus),
      );
      void this.follow<{ operationProgress: SeenOperation }>(index, OPERATIONS, ({ operationProgress }) =>
        this.seeOperation(operationProgress),
      );
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.clients].map((client) => Promise.resolve(client.terminate())));
  }

  get held(): number {
    return [...this.slots.values()].filter(({ status }) => status === 'PRE_MIGRATE').length;
  }

  /** Whether the predicate held at some moment within the time. */
  async reaches(predicate: () => boolean, timeoutMs: number): Promise<boolean> {
    if (predicate()) return true;
    let timer: NodeJS.Timeout | undefined;
    let check: () => void = () => undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
        check = () => predicate() && resolve(true);
        this.waiters.add(check);
      });
    } finally {
      clearTimeout(timer);
      this.waiters.delete(check);
    }
  }

  private async follow<T>(index: number, query: string, take: (event: T) => void): Promise<void> {
    while (!this.stopped) {
      const client = this.members()[index]!.websocket();
      this.clients.add(client);
      try {
        for await (const { data } of client.iterate<T>({ query })) if (data) take(data);
      } catch {
        // A member that was killed; it comes back.
      }
      this.clients.delete(client);
      if (!this.stopped) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private seeSlots(slots: readonly SeenSlot[]): void {
    let held = false;
    let moving = false;
    for (const slot of slots) {
      const before = this.slots.get(slot.number);
      // A member that was stopped tells old news when it goes on.
      if (before && BigInt(before.revision) >= BigInt(slot.revision)) continue;
      this.slots.set(slot.number, slot);
      const { group, targetGroup } = slot;
      if (group && targetGroup) this.onMove(slot.number, group.number, targetGroup.number);
      if (before?.status === slot.status) continue;
      if (slot.status === 'PRE_MIGRATE') held = true;
      if (slot.status === 'MIGRATE') moving = true;
    }
    if (held) this.heldTimes++;
    if (moving) this.movingTimes++;
    this.emit();
  }

  private seeOperation(operation: SeenOperation): void {
    const before = this.operations.get(operation.id);
    if (before && BigInt(before.revision) >= BigInt(operation.revision)) return;
    this.operations.set(operation.id, operation);
    this.emit();
  }

  private emit(): void {
    for (const waiter of this.waiters) waiter();
  }
}
