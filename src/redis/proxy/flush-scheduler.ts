/** What is done once at the end of an event-loop turn, however often it was asked for during the turn. */
export interface ScheduledTask {
  /** Set while the task is waiting; owned by {@link FlushScheduler}. */
  scheduled: boolean;
  runTask(): void;
}

/** How long sessions go on in one turn, in milliseconds; the others follow in the next. */
const WAKES_MS = 4;

/**
 * Gathers the work of one event-loop turn: first the sessions that may go on, then the writes, so that what
 * the sessions produced leaves in the same write.
 */
export class FlushScheduler {
  private wakes: ScheduledTask[] = [];
  private writes: ScheduledTask[] = [];
  private armed = false;
  private readonly run = (): void => this.runAll();

  wake(task: ScheduledTask): void {
    if (task.scheduled) return;
    task.scheduled = true;
    this.wakes.push(task);
    this.arm();
  }

  write(task: ScheduledTask): void {
    if (task.scheduled) return;
    task.scheduled = true;
    this.writes.push(task);
    this.arm();
  }

  private arm(): void {
    if (this.armed) return;
    this.armed = true;
    setImmediate(this.run);
  }

  private runAll(): void {
    this.armed = false;
    const wakes = this.wakes;
    if (wakes.length > 0) {
      this.wakes = [];
      const until = performance.now() + WAKES_MS;
      let next = 0;
      while (next < wakes.length && (next === 0 || performance.now() < until)) runOne(wakes[next++]!);
      // Those that were woken first go first in the next turn, too.
      if (next < wakes.length) this.wakes = [...wakes.slice(next), ...this.wakes];
    }
    const { writes } = this;
    // A write may ask for another write of its own connection; that one belongs to the next turn.
    const count = writes.length;
    for (let i = 0; i < count; i++) runOne(writes[i]!);
    if (writes.length === count) writes.length = 0;
    else writes.splice(0, count);
    if (this.wakes.length > 0 || writes.length > 0) this.arm();
  }
}

function runOne(task: ScheduledTask): void {
  task.scheduled = false;
  task.runTask();
}
