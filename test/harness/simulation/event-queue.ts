import type { SimulatedProcess } from './simulated-process.js';

/** Something that happens at a moment of the simulated time. */
export interface WorldEvent {
  readonly at: number;
  /** Of two at one moment the one that was put in first comes first. */
  readonly number: number;
  /** Whose code `call` runs; null: nobody's. */
  readonly process: SimulatedProcess | null;
  /** What it does to the world, whatever has become of the process meanwhile. */
  readonly effect: (() => void) | null;
  readonly call: () => void;
  isCancelled: boolean;
}

/** Events by their time: a binary heap. */
export class EventQueue {
  private readonly heap: WorldEvent[] = [];

  get next(): WorldEvent | undefined {
    return this.heap[0];
  }

  push(event: WorldEvent): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  pop(): WorldEvent | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: WorldEvent, b: WorldEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}
