import { SLOTS_OF_TARGET } from '../backend/reply-target.js';
import type { BackendConnection } from '../backend/connection.js';
import type { CommandSpec } from '../commands/spec.js';
import { joinerFor, JoinedReply } from './joined-reply.js';
import type { Session } from './session.js';

/** The keys of a request that goes to several servers or concerns several slots. */
export interface SplitKeys {
  /** The argument that is the i-th key. */
  readonly positions: Int32Array;
  readonly count: number;
  readonly connectionOf: (i: number) => BackendConnection;
  readonly slotOf: (i: number) => number;
}

interface Part {
  readonly connection: BackendConnection;
  readonly index: number;
  readonly slots: Set<number>;
  readonly arguments: Buffer[];
  keys: number;
}

/**
 * Sends the session's current request in parts, one to each connection, with that connection's keys in
 * their order. The parts are independent requests: a split write is not atomic.
 */
export function sendSplit(session: Session, command: CommandSpec, index: number, keys: SplitKeys): void {
  const { source, base, request, replies } = session;
  const parts = new Map<BackendConnection, Part>();
  const partOfKey = new Int32Array(keys.count);
  const order: Part[] = [];
  const perKey = command.keys.step;
  for (let i = 0; i < keys.count; i++) {
    const connection = keys.connectionOf(i);
    let part = parts.get(connection);
    if (part === undefined) {
      part = { connection, index: order.length, slots: new Set(), arguments: [], keys: 0 };
      parts.set(connection, part);
      order.push(part);
    }
    part.slots.add(keys.slotOf(i));
    const position = keys.positions[i]!;
    // An argument with its length and line ends begins where the one before it ends.
    const start = base + request.argEnd[position - 1]! + 2;
    const end = base + request.argEnd[position + perKey - 1]! + 2;
    part.arguments.push(source.subarray(start, end));
    part.keys++;
    partOfKey[i] = part.index;
  }
  const target = new JoinedReply(
    replies,
    replies.reserve(),
    joinerFor(command.name, partOfKey),
    order.map((part) => [...part.slots]),
  );
  order.forEach((part, i) => {
    const name = command.name.toUpperCase();
    const head = Buffer.from(`*${1 + part.keys * perKey}\r\n$${name.length}\r\n${name}\r\n`);
    const bytes = Buffer.concat([head, ...part.arguments]);
    part.connection.send(target, i, SLOTS_OF_TARGET, index, bytes, 0, bytes.length, true);
  });
}
