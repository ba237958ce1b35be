import type { Turn, TurnTask } from '../turn.js';

/** The sessions that wait for a slot to change, by slot. */
export class HeldSessions {
  private readonly bySlot = new Map<number, Set<TurnTask>>();

  constructor(private readonly turn: Turn) {}

  add(slot: number, session: TurnTask): void {
    const sessions = this.bySlot.get(slot);
    if (sessions === undefined) this.bySlot.set(slot, new Set([session]));
    else sessions.add(session);
  }

  remove(slot: number, session: TurnTask): void {
    const sessions = this.bySlot.get(slot);
    if (sessions?.delete(session) === true && sessions.size === 0) this.bySlot.delete(slot);
  }

  /** Lets the sessions that wait for the slot look again. */
  wake(slot: number): void {
    const sessions = this.bySlot.get(slot);
    if (sessions === undefined) return;
    for (const session of sessions) this.turn.wake(session);
  }
}
