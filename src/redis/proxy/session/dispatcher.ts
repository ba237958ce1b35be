import { BackendError } from '../backend/backend-error.js';
import type { BackendConnection } from '../backend/connection.js';
import { equalsIgnoreCase } from '../bytes.js';
import { KeyFinder, NO_KEYS_FOUND } from '../commands/find-keys.js';
import { answerLocally } from '../commands/local/index.js';
import type { CommandSpec } from '../commands/spec.js';
import { COMMAND_ARITY, COMMANDS, UNKNOWN_COMMAND } from '../commands/table.js';
import type { ProxyContext } from '../context.js';
import { keySlot } from '../../key-slot.js';
import { error } from '../resp/encode.js';
import { SLOT_HELD, SLOT_MIGRATE, SLOT_OFFLINE } from '../slot-gate.js';
import { OnDemandMigration } from './on-demand-migration.js';
import { LongDispatch } from './long-dispatch.js';
import { LongRequest, PIECE_KEYS } from './long-request.js';
import { offlineReply } from './refusals.js';
import { answerInRefusedTransaction } from './refused-transaction.js';
import { ReplicaReads } from './replica-read.js';
import type { RequestSession } from './request-session.js';
import { JOIN_BY_COMMAND, Splitter } from './split.js';

const NO_AUTH = error('NOAUTH Authentication required.');
const CROSS_SLOT = error("CROSSSLOT Keys in request don't hash to the same slot");
/** What a client may ask before it has authenticated. */
const BEFORE_AUTH = new Set(['auth', 'hello', 'quit', 'reset']);
/** How much of an unknown command's arguments an error repeats, as in Redis. */
const ECHO_MAX = 128;
/** How many arguments a command may have that the proxy answers itself, in one go. */
const LOCAL_ARGUMENTS_MAX = 1024;

/**
 * Decides what becomes of the requests that are not simply sent on: those with several keys or none, those
 * the proxy answers itself, and those whose slot is not ONLINE or whose server is not ready.
 */
export class Dispatcher {
  private readonly finder = new KeyFinder();
  private readonly splitter: Splitter;
  /** The slots of the keys that the finder has found, in the same order. */
  private slots = new Int16Array(64);

  private readonly long: LongDispatch;
  private readonly replicaReads: ReplicaReads;

  constructor(private readonly context: ProxyContext) {
    this.splitter = new Splitter(context.router);
    this.replicaReads = new ReplicaReads(context.router);
    this.long = new LongDispatch(context, this.splitter, (session, slot, reading) =>
      this.online(session, slot, reading),
    );
  }

  /** True when the session's current request is done with, false when the session has been parked. */
  dispatch(session: RequestSession, index: number): boolean {
    // Keys that have been brought over are followed at once: their slots are not acknowledged before.
    if (session.replies.full && session.onDemandMigration === null && session.long?.hasBegun !== true) {
      return session.waitForRoom();
    }
    const { counters } = this.context;
    if (index === UNKNOWN_COMMAND) {
      counters.unknownCommands++;
      if (isHttp(session)) {
        this.context.warnings.note('cross-protocol', session.socket);
        return session.abort();
      }
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
    if (session.inRefusedTransaction && answerInRefusedTransaction(session, command.name)) {
      counters.byCommand[index]!++;
      return true;
    }
    const done =
      command.disposition === 'local'
        ? this.answer(session, command)
        : command.disposition === 'refuse'
          ? refuseCommand(session, command)
          : this.route(session, command, index);
    if (done) counters.byCommand[index]!++;
    return done;
  }

  private answer(session: RequestSession, command: CommandSpec): true {
    if (session.request.argc > LOCAL_ARGUMENTS_MAX) {
      return session.refuse(
        `ERR quorate: '${command.name.toUpperCase()}' takes at most ${LOCAL_ARGUMENTS_MAX} arguments here`,
      );
    }
    answerLocally(session, command.name);
    return true;
  }

  private route(session: RequestSession, command: CommandSpec, index: number): boolean {
    const { source, base, request } = session;
    const { finder } = this;
    if (session.long !== null) return this.routeLong(session, session.long, command, index);
    const count = finder.find(command, source, base, request);
    if (count === NO_KEYS_FOUND) return session.refuse(finder.error);
    if (count > PIECE_KEYS) {
      session.long = new LongRequest(session, finder.positions.slice(0, count), JOIN_BY_COMMAND[index]!);
      return this.routeLong(session, session.long, command, index);
    }
    if (this.slots.length < count) this.slots = new Int16Array(finder.positions.length);
    let same = true;
    for (let i = 0; i < count; i++) {
      const position = finder.positions[i]!;
      const slot = keySlot(source, base + request.argStart[position]!, base + request.argEnd[position]!);
      this.slots[i] = slot;
      if (slot !== this.slots[0]) same = false;
    }
    if (!same && command.disposition !== 'split') return session.refuseWith(CROSS_SLOT);
    return this.routeTo(session, command, index, count, same);
  }

  /** Looks at the keys in slices. Whatever is of one slot is sent whole, as it would be executed whole. */
  private routeLong(
    session: RequestSession,
    long: LongRequest,
    command: CommandSpec,
    index: number,
  ): boolean {
    const { source, base, request } = session;
    if (!long.hasLooked) {
      long.look((at) => keySlot(source, base + request.argStart[at]!, base + request.argEnd[at]!));
      if (!long.isOfOneSlot && command.disposition !== 'split') return session.refuseWith(CROSS_SLOT);
      if (!long.hasLooked) return session.giveWay();
    }
    if (!long.isOfOneSlot) return this.long.proceed(session, long, command, index);
    // It has found the keys of others meanwhile.
    this.finder.find(command, source, base, request);
    if (this.slots.length < long.keys) this.slots = new Int16Array(long.keys);
    this.slots.fill(long.slots[0]!, 0, long.keys);
    return this.routeTo(session, command, index, long.keys, true);
  }

  /** @param same whether all keys are of one slot, so that the first stands for all */
  private routeTo(
    session: RequestSession,
    command: CommandSpec,
    index: number,
    count: number,
    same: boolean,
  ): boolean {
    if (session.onDemandMigration !== null) return this.sendMigrated(session, index, count, same);
    return this.sendByState(session, command, index, count, same);
  }

  private sendByState(
    session: RequestSession,
    command: CommandSpec,
    index: number,
    count: number,
    same: boolean,
  ): boolean {
    const { gate } = this.context;
    const { slots } = this;
    const looked = same ? 1 : count;
    let migrating = false;
    for (let i = 0; i < looked; i++) {
      const slot = slots[i]!;
      const state = gate.state[slot]!;
      if (state === SLOT_OFFLINE) {
        return session.refuseWith(offlineReply(gate, slot));
      }
      if (state === SLOT_HELD) return session.holdFor(slot);
      if (state === SLOT_MIGRATE) migrating = true;
    }
    if (migrating) return this.startOnDemandMigration(session, count);
    try {
      return this.sendOnline(session, index, command.access === 'read', looked);
    } catch (reason) {
      if (reason instanceof BackendError) return session.refuseWith(reason.reply);
      throw reason;
    }
  }

  /** Sends a request of slots that are all ONLINE. @throws BackendError when a server cannot be reached */
  private sendOnline(session: RequestSession, index: number, reading: boolean, count: number): boolean {
    const { slots, splitter } = this;
    if (count === 1) {
      const connection = this.online(session, slots[0]!, reading);
      if (!connection.accepting) return session.waitFor(connection);
      if (reading && this.context.router.leadsToReplica(slots[0]!, connection)) {
        this.sendToReplica(session, index, connection);
      } else this.sendWhole(session, index, connection);
      return true;
    }
    splitter.begin(count);
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (splitter.addAgain(slot)) continue;
      const connection = this.online(session, slot, reading);
      if (!connection.accepting) return session.waitFor(connection);
      if (reading) splitter.addRead(slot, connection);
      else splitter.add(slot, connection);
    }
    splitter.send(session, index, this.finder.positions);
    return true;
  }

  private online(session: RequestSession, slot: number, reading: boolean): BackendConnection {
    const { direct, database } = session;
    const connection = (reading ? direct.reads : direct.writes)[slot]!;
    return connection !== null && connection.accepting
      ? connection
      : this.context.router.online(slot, database, reading);
  }

  private startOnDemandMigration(session: RequestSession, count: number): boolean {
    const keys = { positions: this.finder.positions, slots: this.slots, count };
    const slots = [...new Set(this.slots.subarray(0, count))];
    try {
      return session.waitForOnDemandMigration(OnDemandMigration.start(session, slots, keys));
    } catch (reason) {
      if (reason instanceof BackendError) return session.refuseWith(reason.reply);
      throw reason;
    }
  }

  /** The keys are where the routes that were captured lead to; those routes are followed, not newer ones. */
  private sendMigrated(session: RequestSession, index: number, count: number, same: boolean): boolean {
    const { slots, splitter } = this;
    const { pool } = this.context;
    const onDemandMigration = session.onDemandMigration!;
    session.onDemandMigration = null;
    try {
      if (onDemandMigration.failure !== null) return session.refuseWith(onDemandMigration.failure);
      const to = (slot: number): BackendConnection =>
        pool.connection(onDemandMigration.destination(slot), session.database, 'requests');
      if (same) {
        this.sendWhole(session, index, to(slots[0]!));
        return true;
      }
      splitter.begin(count);
      for (let i = 0; i < count; i++) {
        const slot = slots[i]!;
        if (!splitter.addAgain(slot)) splitter.add(slot, to(slot));
      }
      splitter.send(session, index, this.finder.positions);
      return true;
    } catch (reason) {
      if (reason instanceof BackendError) return session.refuseWith(reason.reply);
      throw reason;
    } finally {
      onDemandMigration.release();
    }
  }

  private sendWhole(session: RequestSession, index: number, connection: BackendConnection): void {
    const { replies, source, base, length } = session;
    connection.send(replies, replies.reserve(), this.slots[0]!, index, source, base, base + length, true);
    this.noteKey(session, connection);
  }

  private sendToReplica(session: RequestSession, index: number, connection: BackendConnection): void {
    const { replies, database, source, base, length } = session;
    const token = replies.reserve();
    this.replicaReads
      .take()
      .send(connection, replies, token, this.slots[0]!, index, database, source, base, base + length);
    this.noteKey(session, connection);
  }

  private noteKey({ source, base, request }: RequestSession, connection: BackendConnection): void {
    const { count, positions } = this.finder;
    if (count !== 1) return;
    const key = positions[0]!;
    connection.pending.noteKey(source, base + request.argStart[key]!, base + request.argEnd[key]!);
  }
}

/** A refusal must not leave a client that does not wait for it in another state than it believes. */
function refuseCommand(session: RequestSession, { name, reason }: CommandSpec): true {
  session.refuse(`ERR quorate: '${name.toUpperCase()}' is refused: ${reason}`);
  if (name === 'multi') session.setInRefusedTransaction(true);
  // What follows SCRIPT DEBUG YES is to be undone after it has run.
  else if (name === 'script' && isArgument(session, 1, 'debug') && !isArgument(session, 2, 'no')) {
    session.endWhenAnswered();
  }
  return true;
}

function isArgument({ source, base, request }: RequestSession, index: number, lower: string): boolean {
  if (index >= request.argc) return false;
  return equalsIgnoreCase(source, base + request.argStart[index]!, base + request.argEnd[index]!, lower);
}

/**
 * Whether the request is the first line of an HTTP POST, or the header that every HTTP request has. A web page can
 * make a browser send them to any address, with commands in the body: as in redis-server, nothing after them counts.
 */
function isHttp(session: RequestSession): boolean {
  return isArgument(session, 0, 'post') || isArgument(session, 0, 'host:');
}

function describeUnknown(session: RequestSession): string {
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
