import { BackendError } from '../backend/backend-error.js';
import type { BackendConnection } from '../backend/connection.js';
import { KeyFinder, NO_KEYS_FOUND } from '../commands/find-keys.js';
import { answerLocally } from '../commands/local/index.js';
import type { CommandSpec } from '../commands/spec.js';
import { COMMAND_ARITY, COMMANDS, UNKNOWN_COMMAND } from '../commands/table.js';
import type { ProxyContext } from '../context.js';
import { keySlot } from '../../key-slot.js';
import { error } from '../resp/encode.js';
import { SLOT_HELD, SLOT_MIGRATE, SLOT_OFFLINE } from '../slot-gate.js';
import { BringOver } from './bring-over.js';
import type { Session } from './session.js';
import { sendSplit } from './split.js';

const NO_AUTH = error('NOAUTH Authentication required.');
const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot");
/** What a client may ask before it has authenticated. */
const BEFORE_AUTH = new Set(['auth', 'hello', 'quit', 'reset']);
/** How much of an unknown command's arguments an error repeats, as in Redis. */
const ECHO_MAX = 128;

/**
 * Decides what becomes of the requests that are not simply sent on: those with several keys or none, those
 * the proxy answers itself, and those whose slot is not ONLINE or whose server is not ready.
 */
export class Dispatcher {
  private readonly finder = new KeyFinder();
  /** The slots of the keys that the finder has found, in the same order. */
  private slots = new Int16Array(64);

  constructor(private readonly context: ProxyContext) {}

  /** True when the session's current request is done with, false when the session has been parked. */
  dispatch(session: Session, index: number): boolean {
    // Keys that have been brought over are followed at once: their slots are not acknowledged before.
    if (session.replies.full && session.bringOver === null) return session.waitForRoom();
    const { counters } = this.context;
    if (index === UNKNOWN_COMMAND) {
      counters.unknownCommands++;
      return session.refuse(describeUnknown(session));
    }
    const command = COMMANDS[index]!;
    const arity = COMMAND_ARITY[index]!;
    const { argc } = session.request;
    if (arity > 0 ? argc !== arity : argc < -arity) {
      counters.byCommand[index]!++;
      return session.refuse(`ERR wrong number of arguments for '${command.name}' command`);
    }
    if (!session.authenticated && !BEFORE_AUTH.has(command.name)) {
      counters.byCommand[index]!++;
      return session.refuseWith(NO_AUTH);
    }
    const done =
      command.disposition === 'local'
        ? this.answer(session, command)
        : command.disposition === 'refuse'
          ? session.refuse(`ERR quorate: '${command.name.toUpperCase()}' is refused: ${command.reason}`)
          : this.route(session, command, index);
    if (done) counters.byCommand[index]!++;
    return done;
  }

  private answer(session: Session, command: CommandSpec): true {
    answerLocally(session, command.name);
    return true;
  }

  private route(session: Session, command: CommandSpec, index: number): boolean {
    const { source, base, request } = session;
    const { finder } = this;
    const count = finder.find(command, source, base, request);
    if (count === NO_KEYS_FOUND) return session.refuse(finder.error);
    if (this.slots.length < count) this.slots = new Int16Array(finder.positions.length);
    let same = true;
    for (let i = 0; i < count; i++) {
      const position = finder.positions[i]!;
      const slot = keySlot(source, base + request.argStart[position]!, base + request.argEnd[position]!);
      this.slots[i] = slot;
      if (slot !== this.slots[0]) same = false;
    }
    if (!same && command.disposition !== 'split') return session.refuseWith(CROSS_SLOT);
    const slots = same ? [this.slots[0]!] : [...new Set(this.slots.subarray(0, count))];
    if (session.bringOver !== null) return this.sendBroughtOver(session, command, index, slots, count);
    return this.sendByState(session, command, index, slots, count);
  }

  private sendByState(
    session: Session,
    command: CommandSpec,
    index: number,
    slots: readonly number[],
    count: number,
  ): boolean {
    const { gate, router } = this.context;
    let migrating = false;
    for (const slot of slots) {
      const state = gate.state[slot]!;
      if (state === SLOT_OFFLINE) {
        return session.refuse(
          gate.hasTable ? `ERR quorate: slot ${slot} is offline` : 'ERR quorate: the proxy has no routes yet',
        );
      }
      if (state === SLOT_HELD) return session.holdFor(slot);
      if (state === SLOT_MIGRATE) migrating = true;
    }
    if (migrating) return this.startBringOver(session, slots, count);
    const reading = command.access === 'read';
    const connections: BackendConnection[] = [];
    for (const slot of slots) {
      let connection: BackendConnection;
      try {
        connection = router.online(slot, session.database, reading);
      } catch (reason) {
        if (reason instanceof BackendError) return session.refuseWith(reason.reply);
        throw reason;
      }
      if (!connection.accepting) return session.waitFor(connection);
      connections.push(connection);
    }
    this.send(session, command, index, slots, connections, count);
    return true;
  }

  private startBringOver(session: Session, slots: readonly number[], count: number): boolean {
    const keys = { positions: this.finder.positions, slots: this.slots, count };
    try {
      return session.waitForBringOver(BringOver.start(session, slots, keys));
    } catch (reason) {
      if (reason instanceof BackendError) return session.refuseWith(reason.reply);
      throw reason;
    }
  }

  /** The keys are where the routes that were captured lead to; those routes are followed, not newer ones. */
  private sendBroughtOver(
    session: Session,
    command: CommandSpec,
    index: number,
    slots: readonly number[],
    count: number,
  ): boolean {
    const bringOver = session.bringOver!;
    session.bringOver = null;
    try {
      if (bringOver.failure !== null) return session.refuseWith(bringOver.failure);
      const connections = slots.map((slot) =>
        this.context.pool.connection(bringOver.destination(slot), session.database, 'requests'),
      );
      this.send(session, command, index, slots, connections, count);
      return true;
    } catch (reason) {
      if (reason instanceof BackendError) return session.refuseWith(reason.reply);
      throw reason;
    } finally {
      bringOver.release();
    }
  }

  private send(
    session: Session,
    command: CommandSpec,
    index: number,
    slots: readonly number[],
    connections: readonly BackendConnection[],
    count: number,
  ): void {
    const { replies, source, base, length } = session;
    if (slots.length === 1) {
      connections[0]!.send(replies, replies.reserve(), slots[0]!, index, source, base, base + length, true);
      return;
    }
    const bySlot = new Map(slots.map((slot, i) => [slot, connections[i]!]));
    sendSplit(session, command, index, {
      positions: this.finder.positions,
      count,
      connectionOf: (i) => bySlot.get(this.slots[i]!)!,
      slotOf: (i) => this.slots[i]!,
    });
  }
}

function describeUnknown(session: Session): string {
  const { source, base, request } = session;
  const text = (i: number, max: number): string =>
    source.toString(
      'latin1',
      base + request.argStart[i]!,
      Math.min(base + request.argEnd[i]!, base + request.argStart[i]! + max),
    );
  let args = '';
  for (let i = 1; i < request.argc && args.length < ECHO_MAX; i++)
    args += `'${text(i, ECHO_MAX - args.length)}' `;
  return `ERR unknown command '${text(0, ECHO_MAX)}', with args beginning with: ${args}`;
}
