import type { Socket } from 'node:net';
import type { BackendConnection } from '../backend/connection.js';
import type { ProxyContext } from '../context.js';
import type { DirectRoutes } from '../router.js';
import type { OnDemandMigration } from './on-demand-migration.js';
import type { CurrentRequest } from './current-request.js';
import type { LongRequest } from './long-request.js';
import type { ReplyQueue } from './reply-queue.js';

/**
 * A client's session, as those see it who carry out or answer its requests. A method that answers a boolean answers true
 * when the request is done with. It answers false when the session is parked: the request is then looked at again later.
 */
export interface RequestSession extends CurrentRequest {
  readonly id: number;
  readonly socket: Socket;
  readonly context: ProxyContext;
  readonly replies: ReplyQueue;
  /** The connections by slot, for the database that the client has selected. */
  readonly direct: DirectRoutes;
  /** How many bytes of `source`, from `base` on, the current request has when it is forwarded. */
  readonly length: number;
  readonly ageSeconds: number;
  readonly authenticated: boolean;
  /** Whether the requests belong to a MULTI that was refused. */
  readonly inRefusedTransaction: boolean;
  /** Whether the client has gone. */
  readonly closed: boolean;
  /** Whether the current request has been held as long as it may be. */
  readonly isHoldOver: boolean;
  clientName: string;
  /** The keys of the current request are being brought over, or have been. */
  onDemandMigration: OnDemandMigration | null;
  /** The current request, when it has more keys than are handled in one go. */
  long: LongRequest | null;

  selectDatabase(database: number): void;
  setAuthenticated(authenticated: boolean): void;
  setInRefusedTransaction(inRefusedTransaction: boolean): void;

  /** Answers the current request with an error of the proxy; the text is read as latin1. */
  refuse(text: string): true;
  /** Answers the current request with a reply that is an error of the proxy. */
  refuseWith(reply: Buffer): true;
  /** Takes no further request; closes when those taken have been answered. */
  endWhenAnswered(): void;
  /** Takes no further request and closes at once. */
  abort(): true;

  /** Parks until the slot changes. True: the hold time was over, and the request has been refused. */
  holdFor(slot: number): boolean;
  /** The error of a request that was held for too long. */
  holdReply(slot: number): Buffer;
  /** The current request, or this piece of it, is held no longer. */
  endHold(): void;
  /** Goes on in the next turn of the event loop. */
  giveWay(): false;
  waitFor(connection: BackendConnection): boolean;
  waitForRoom(): boolean;
  waitForOnDemandMigration(onDemandMigration: OnDemandMigration): boolean;
  park(): false;
  wake(): void;
}
