import type { Slot as SlotState } from '../../redis/topology/topology.js';
import { pullStream } from './pull-stream.js';

/** What events say of groups may change without a slot: an event is given to nobody after this long. */
const SHARED_FOR_MS = 250;

export interface SlotSource<T> {
  readonly slots: () => readonly SlotState[];
  readonly present: (slots: readonly SlotState[]) => T[];
  /** Registers for "some slots may have changed". */
  readonly subscribe: (changed: () => void) => () => void;
}

/**
 * The slots for many subscribers. Changes are numbered; a subscriber remembers the number of its last event
 * and gets, as one event, the slots that differ from then. Those that are equally far share the event.
 */
export class SlotChanges<T> {
  private readonly wakes = new Set<() => void>();
  private close: () => void = () => undefined;
  private version = 0;
  /** By slot: how it looked, and since which version it does. */
  private looks: string[] = [];
  private since: number[] = [];
  private readonly events = new Map<string, { readonly at: number; readonly event: T[] }>();

  constructor(private readonly source: SlotSource<T>) {}

  /** All slots of the range first, then those that changed, together as far as they were not yet taken. */
  stream(from: number, to: number): AsyncIterableIterator<T[]> {
    let seen: number | undefined;
    return pullStream<T[]>({
      open: (wake) => this.listen(wake),
      next: () => {
        if (seen === this.version) return undefined;
        const event = this.event(seen, from, to);
        const first = seen === undefined;
        seen = this.version;
        return event.length > 0 || first ? event : undefined;
      },
    });
  }

  private listen(wake: () => void): () => void {
    if (this.wakes.size === 0) {
      this.close = this.source.subscribe(() => {
        if (this.look()) for (const each of this.wakes) each();
      });
      this.look();
    }
    this.wakes.add(wake);
    return () => {
      this.wakes.delete(wake);
      if (this.wakes.size > 0) return;
      this.close();
      this.events.clear();
    };
  }

  /** Whether any slot looks different. */
  private look(): boolean {
    const next = this.version + 1;
    let changed = false;
    for (const slot of this.source.slots()) {
      const looks = fingerprint(slot);
      if (this.looks[slot.number] === looks) continue;
      this.looks[slot.number] = looks;
      this.since[slot.number] = next;
      changed = true;
    }
    if (changed) this.version = next;
    return changed;
  }

  private event(seen: number | undefined, from: number, to: number): T[] {
    const now = performance.now();
    const key = `${seen} ${this.version} ${from} ${to}`;
    const shared = this.events.get(key);
    if (shared && now - shared.at < SHARED_FOR_MS) return shared.event;
    for (const [old, { at }] of this.events) if (now - at >= SHARED_FOR_MS) this.events.delete(old);
    const event = this.source.present(
      this.source
        .slots()
        .filter(({ number }) => number >= from && number <= to && (this.since[number] ?? 0) > (seen ?? -1)),
    );
    this.events.set(key, { at: now, event });
    return event;
  }
}

function fingerprint({ status, group, targetGroup, operation, changedAt }: SlotState): string {
  return `${status} ${group} ${targetGroup} ${operation} ${changedAt}`;
}
