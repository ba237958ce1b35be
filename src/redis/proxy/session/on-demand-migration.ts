import { errorMessage } from '../../../common/errors.js';
import { withoutSecret } from '../../../common/without-secret.js';
import { BackendError } from '../backend/backend-error.js';
import type { BackendConnection } from '../backend/connection.js';
import { hostPortOf } from '../backend/endpoint.js';
import type { ReplyTarget } from '../backend/reply-target.js';
import { SLOTS_OF_TARGET } from '../backend/reply-target.js';
import type { AnsweredMigrate } from '../backend/migrate-connections.js';
import { commandIndex } from '../commands/table.js';
import { errorOfKind, kindOfMigrateError } from '../error-replies.js';
import { encodeCommand, error } from '../resp/encode.js';
import { openMigrateConnections } from '../../migrate-connection.js';
import type { Endpoint } from '../../routing-table.js';
import { SLOT_MIGRATE } from '../slot-gate.js';
import type { ProxyContext } from '../context.js';
import type { CurrentRequest } from './current-request.js';

const MIGRATE = commandIndex('migrate');
const INFO = commandIndex('info');
/** Whether the owner has a MIGRATE connection open, for a MIGRATE that finds no key. */
const INFO_STATS = encodeCommand(['INFO', 'stats']);
const ERROR_TYPE = 0x2d;
/** MIGRATE answers OK, or NOKEY when it had nothing to send. */
const OK_SECOND_BYTE = 0x4f;

/** The keys of a request: the i-th is argument `positions[i]` and belongs to slot `slots[i]`. */
export interface RequestKeys {
  readonly positions: Int32Array;
  readonly slots: Int16Array;
  readonly count: number;
}

/** The session whose request waits for its keys. */
interface AskingSession extends CurrentRequest {
  readonly context: ProxyContext;
  readonly closed: boolean;
  wake(): void;
}

interface Move {
  readonly owner: Endpoint;
  readonly target: Endpoint;
  readonly slots: number[];
  readonly keys: Uint8Array[];
}

/** What the owner is asked over, and since when. */
interface Asked {
  readonly connection: BackendConnection;
  readonly at: number;
}

/**
 * Brings the keys of one request over from the owners of their slots to the targets, with MIGRATE, so that
 * the request finds them there.
 *
 * From the start until {@link release} all slots of the request count one request in flight. So no table
 * that leads elsewhere is acknowledged before the request has been sent to where its keys now are, and the
 * session may follow the captured routes even if newer ones have been applied meanwhile.
 */
export class OnDemandMigration implements ReplyTarget {
  /** The reply for the client when a key could not be brought over. */
  failure: Buffer | null = null;
  private unanswered = 0;
  private released = false;
  private moves: readonly Move[] = [];
  private asked: readonly Asked[] = [];
  /** The moves whose MIGRATE has found no key, until it is known whether the owner has a MIGRATE connection. */
  private readonly withoutKey = new Set<number>();
  private readonly destinations = new Map<number, Endpoint>();

  private constructor(
    private readonly session: AskingSession,
    private readonly slots: readonly number[],
  ) {}

  /**
   * @param slots all slots of the request, some of which are MIGRATE and the others ONLINE
   * @throws BackendError when an owner cannot be asked; nothing has been sent then
   */
  static start(session: AskingSession, slots: readonly number[], keys: RequestKeys): OnDemandMigration {
    const onDemandMigration = new OnDemandMigration(session, slots);
    onDemandMigration.begin(keys);
    return onDemandMigration;
  }

  get finished(): boolean {
    return this.unanswered === 0;
  }

  /** Where the request goes for the keys of one of its slots. */
  destination(slot: number): Endpoint {
    return this.destinations.get(slot)!;
  }

  /** Ends the count of the request; to be called once it has been sent on or answered. */
  release(): void {
    if (this.released) return;
    this.released = true;
    for (const slot of this.slots) this.session.context.gate.leave(slot);
  }

  takeReply(token: number, bytes: Buffer, start: number, end: number): void {
    if (token >= this.moves.length) {
      const i = token - this.moves.length;
      if (this.withoutKey.has(i)) this.takeOpenConnections(i, hasConnection(bytes, start, end));
      return;
    }
    const move = this.moves[token]!;
    if (bytes[start] === ERROR_TYPE) {
      const { owner, target } = move;
      const text = withoutSecret(bytes.toString('utf8', start + 1, end - 2), target.password);
      this.failure ??= errorOfKind(
        kindOfMigrateError(text),
        `ERR quorate: bringing keys over from ${owner.address} to ${target.address} failed: ${text}`,
        target.address,
      );
    } else if (this.failure === null) {
      if (bytes[start + 1] === OK_SECOND_BYTE) this.awaitSettled(token, true, true);
      else return void this.withoutKey.add(token);
    }
    this.answered();
  }

  takeFailure(token: number, reply: Buffer): void {
    if (token >= this.moves.length) return this.takeOpenConnections(token - this.moves.length, false);
    this.failure ??= reply;
    this.answered();
  }

  /** The question behind a MIGRATE counts for no slot. */
  slotCount(token: number): number {
    return this.moves[token]?.slots.length ?? 0;
  }

  slotAt(token: number, i: number): number {
    return this.moves[token]!.slots[i]!;
  }

  private begin(keys: RequestKeys): void {
    const { context, database } = this.session;
    this.capture();
    const moves = this.plan(keys);
    const connections = moves.map(({ owner }) =>
      context.pool.connection(owner, database, 'on-demand-migration'),
    );
    const requests = moves.map((move) => this.encode(move));
    this.moves = moves;
    for (const slot of this.slots) context.gate.enter(slot);
    this.unanswered = moves.length;
    const at = performance.now();
    this.asked = connections.map((connection) => ({ connection, at }));
    moves.forEach((_, i) => {
      const request = requests[i]!;
      connections[i]!.send(this, i, SLOTS_OF_TARGET, MIGRATE, request, 0, request.length, true);
      const question = moves.length + i;
      connections[i]!.send(this, question, SLOTS_OF_TARGET, INFO, INFO_STATS, 0, INFO_STATS.length, true);
    });
  }

  /** The answer behind a MIGRATE matters only when that has found no key. */
  private takeOpenConnections(i: number, hadConnection: boolean): void {
    if (!this.withoutKey.delete(i)) return;
    if (this.failure === null) this.awaitSettled(i, false, hadConnection);
    this.answered();
  }

  /** The request waits until nothing that the owner gave up on can arrive behind it. */
  private awaitSettled(i: number, hasSent: boolean, hadConnection: boolean): void {
    const { connection, at } = this.asked[i]!;
    const migrate: AnsweredMigrate = { sentAt: at, hasSent, hadConnection };
    this.unanswered++;
    this.session.context.migrateConnections.settle(connection, this.moves[i]!.target, migrate).then(
      () => this.answered(),
      (reason: unknown) => {
        this.failure ??=
          reason instanceof BackendError ? reason.reply : error(`ERR quorate: ${errorMessage(reason)}`);
        this.answered();
      },
    );
  }

  private capture(): void {
    const { gate } = this.session.context;
    for (const slot of this.slots) {
      const { owner, target } = gate.route(slot);
      const destination = gate.state[slot] === SLOT_MIGRATE ? target : owner;
      if (destination === null) throw new BackendError(`slot ${slot} has no server`, 'SLOT_OFFLINE');
      this.destinations.set(slot, destination);
    }
  }

  private plan(keys: RequestKeys): Move[] {
    const { context, source, base, request } = this.session;
    const moves = new Map<string, Move>();
    for (let i = 0; i < keys.count; i++) {
      const slot = keys.slots[i]!;
      const { owner, target } = context.gate.route(slot);
      if (context.gate.state[slot] !== SLOT_MIGRATE || owner === null || target === null) continue;
      const pair = `${owner.address} ${target.address}`;
      let move = moves.get(pair);
      if (move === undefined) moves.set(pair, (move = { owner, target, slots: [], keys: [] }));
      if (!move.slots.includes(slot)) move.slots.push(slot);
      const position = keys.positions[i]!;
      move.keys.push(source.subarray(base + request.argStart[position]!, base + request.argEnd[position]!));
    }
    return [...moves.values()];
  }

  private encode(move: Move): Buffer {
    const { database, context } = this.session;
    const { host, port } = hostPortOf(move.target.address);
    const { password } = move.target;
    return encodeCommand([
      'MIGRATE',
      host,
      String(port),
      '',
      String(database),
      String(context.limits.migrateTimeoutMs),
      'REPLACE',
      ...(password === null ? [] : ['AUTH', password]),
      'KEYS',
      ...move.keys,
    ]);
  }

  private answered(): void {
    this.unanswered--;
    if (this.unanswered > 0) return;
    if (this.session.closed) this.release();
    else this.session.wake();
  }
}

/** Whether the server that has given this reply to INFO has a MIGRATE connection open. */
function hasConnection(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] !== ERROR_TYPE && openMigrateConnections(bytes.toString('latin1', start, end)) > 0;
}
