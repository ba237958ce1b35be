import { encodeGtidSet, flavourOf, type Flavour, type GtidSet, decodeGtidSet } from '../gtid/gtid-set.js';
import { buildEvent, eventSize } from './event-builder.js';
import { EventFlag, type EventView } from './event-header.js';
import { EventType } from './event-type.js';

/**
 * PREVIOUS_GTIDS or GTID_LIST, by the set's flavour, as the second event of a file: all transactions of the files
 * before it.
 *
 * @param start where the event begins in its file
 */
export function buildGtidList(
  set: GtidSet,
  header: { readonly timestamp: number; readonly serverId: number },
  start: number,
  withChecksum: boolean,
): Buffer {
  const body = encodeGtidSet(set);
  const isMysql = flavourOf(set) === 'MYSQL';
  const logPos = start + eventSize(body.length, withChecksum);
  const flags = isMysql ? EventFlag.IGNORABLE : 0;
  const type = isMysql ? EventType.PREVIOUS_GTIDS : EventType.GTID_LIST;
  return buildEvent(type, { ...header, logPos, flags }, body, withChecksum);
}

/**
 * The GTID_LIST that tells a slave of MariaDB, once it has caught up with the position it asked for, where it is.
 *
 * @param logPos where the transactions that it already has end in the file
 */
export function buildArtificialGtidList(
  set: GtidSet,
  serverId: number,
  logPos: number,
  withChecksum: boolean,
): Buffer {
  const header = { serverId, logPos, flags: EventFlag.ARTIFICIAL };
  return buildEvent(EventType.GTID_LIST, header, encodeGtidSet(set), withChecksum);
}

/**
 * @param event PREVIOUS_GTIDS or GTID_LIST, whole
 * @throws GtidSetError when its body is damaged
 */
export function readGtidList({ type, bytes, bodyStart, bodyEnd }: EventView): GtidSet {
  const flavour: Flavour = type === EventType.PREVIOUS_GTIDS ? 'MYSQL' : 'MARIADB';
  return decodeGtidSet(flavour, bytes.subarray(bodyStart, bodyEnd));
}
