import type { FlushScheduler, ScheduledTask } from '../flush-scheduler.js';

/** The sessions that wait for a slot to change, by slot. */
export class HeldSessions {
  private readonly bySlot = new Map<number, Set<ScheduledTask>>();

  constructor(private readonly scheduler: FlushScheduler) {}

  add(slot: number, session: ScheduledTask): void {
    const sessions = this.bySlot.get(slot);
    if (sessions === undefined) this.bySlot.set(slot, new Set([session]));
    else sessions.add(session);
  }

  remove(slot: number, session: ScheduledTask): void {
    const sessions = this.bySlot.get(slot);
    if (sessions?.delete(session) === true && sessions.size === 0) this.bySlot.delete(slot);
  }

  /** Lets the sessions that wait for the slot look again. */
  wake(slot: number): void {
    const sessions = this.bySlot.get(slot);
    if (sessions === undefined) return;
    for (const session of sessions) this.scheduler.wake(session);
  }
}
