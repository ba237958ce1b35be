import { BackendError } from '../backend/backend-error.js';
import type { BackendConnection } from '../backend/connection.js';
import type { CommandSpec } from '../commands/spec.js';
import type { ProxyContext } from '../context.js';
import { SLOT_HELD, SLOT_MIGRATE, SLOT_OFFLINE } from '../slot-gate.js';
import { OnDemandMigration } from './on-demand-migration.js';
import type { LongRequest } from './long-request.js';
import { offlineReply } from './refusals.js';
import type { RequestSession } from './request-session.js';
import type { Splitter } from './split.js';

/**
 * Sends long requests with keys of several slots, piece by piece. What a piece meets is what a short request meets:
 * slots that are held, that are moving, or whose server takes nothing just now; the others of the request wait then.
 */
export class LongDispatch {
  /** @param online the connection for a slot that is ONLINE. @throws BackendError when there is none */
  constructor(
    private readonly context: ProxyContext,
    private readonly splitter: Splitter,
    private readonly online: (session: RequestSession, slot: number, reading: boolean) => BackendConnection,
  ) {}

  /** True when all has been sent or nothing more is going to be, false when the session has been parked. */
  proceed(session: RequestSession, long: LongRequest, command: CommandSpec, index: number): boolean {
    if (!long.hasBegun) {
      const offline = this.offlineSlot(long.slots);
      if (offline !== null) return session.refuseWith(offlineReply(this.context.gate, offline));
      long.begin();
    }
    if (session.onDemandMigration !== null) this.sendMigrated(session, long, index);
    while (long.next < long.keys && !long.hasFailed) {
      if (long.isBusy) return session.park();
      try {
        if (!this.sendPiece(session, long, command, index)) return false;
      } catch (reason) {
        if (!(reason instanceof BackendError)) throw reason;
        long.fail(reason.reply);
      }
    }
    long.complete();
    return true;
  }

  /** A request is refused before anything of it is executed, if that can be known. */
  private offlineSlot(slots: Int16Array): number | null {
    const { state } = this.context.gate;
    return slots.find((slot) => state[slot] === SLOT_OFFLINE) ?? null;
  }

  /** False: the session has been parked. @throws BackendError */
  private sendPiece(
    session: RequestSession,
    long: LongRequest,
    command: CommandSpec,
    index: number,
  ): boolean {
    const { next, pieceEnd, slots, positions } = long;
    const { gate } = this.context;
    let migrating = false;
    for (let i = next; i < pieceEnd; i++) {
      const slot = slots[i]!;
      const state = gate.state[slot]!;
      if (state === SLOT_OFFLINE) {
        long.fail(offlineReply(gate, slot));
        return true;
      }
      if (state === SLOT_HELD) {
        if (!session.isHoldOver) return session.holdFor(slot);
        long.fail(session.holdReply(slot));
        return true;
      }
      if (state === SLOT_MIGRATE) migrating = true;
    }
    session.endHold();
    if (migrating) {
      const piece = slots.subarray(next, pieceEnd);
      const keys = { positions: positions.subarray(next, pieceEnd), slots: piece, count: piece.length };
      return session.waitForOnDemandMigration(OnDemandMigration.start(session, [...new Set(piece)], keys));
    }
    const isRead = command.access === 'read';
    return this.send(session, long, index, (slot) => this.online(session, slot, isRead), isRead);
  }

  /** Where the keys of a piece have been brought to, as {@link OnDemandMigration} says. */
  private sendMigrated(session: RequestSession, long: LongRequest, index: number): void {
    const onDemandMigration = session.onDemandMigration!;
    session.onDemandMigration = null;
    const { pool } = this.context;
    const to = (slot: number): BackendConnection =>
      pool.connection(onDemandMigration.destination(slot), session.database, 'requests');
    try {
      if (onDemandMigration.failure !== null) long.fail(onDemandMigration.failure);
      else if (!long.hasFailed) this.send(session, long, index, to, false, true);
    } catch (reason) {
      if (!(reason instanceof BackendError)) throw reason;
      long.fail(reason.reply);
    } finally {
      onDemandMigration.release();
    }
  }

  /**
   * @param isRead whether the connections may lead to replicas
   * @param force send over connections that should not be given more, too
   * @returns false when the session waits for a connection
   */
  private send(
    session: RequestSession,
    long: LongRequest,
    index: number,
    to: (slot: number) => BackendConnection,
    isRead: boolean,
    force = false,
  ): boolean {
    const { splitter } = this;
    const { next, pieceEnd, slots, positions } = long;
    splitter.begin(pieceEnd - next);
    for (let i = next; i < pieceEnd; i++) {
      const slot = slots[i]!;
      if (splitter.addAgain(slot)) continue;
      const connection = to(slot);
      if (!force && !connection.accepting) return session.waitFor(connection);
      if (isRead) splitter.addRead(slot, connection);
      else splitter.add(slot, connection);
    }
    const piece = positions.subarray(next, pieceEnd);
    splitter.sendPiece(session, index, piece, long, long.advance());
    return true;
  }
}
