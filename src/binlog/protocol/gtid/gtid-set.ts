import { GtidSetError } from './gtid-set-error.js';
import { decodeMariadbGtidSet, encodeMariadbGtidSet, MariadbGtidSet } from './mariadb-gtid-set.js';
import { decodeMysqlGtidSet, encodeMysqlGtidSet } from './mysql-gtid-binary.js';
import { MysqlGtidSet } from './mysql-gtid-set.js';

/** The product whose GTIDs they are. */
export type Flavour = 'MYSQL' | 'MARIADB';

/** A set of GTIDs of either flavour, for code that does the same with both. Two that meet are of one flavour. */
export type GtidSet = MysqlGtidSet | MariadbGtidSet;

export function emptyGtidSet(flavour: Flavour): GtidSet {
  return flavour === 'MYSQL' ? new MysqlGtidSet() : new MariadbGtidSet();
}

/** @throws GtidSetError when it is no text of that flavour */
export function parseGtidSet(flavour: Flavour, text: string): GtidSet {
  return flavour === 'MYSQL' ? MysqlGtidSet.parse(text) : MariadbGtidSet.parse(text);
}

/** As the body of a PREVIOUS_GTIDS or a GTID_LIST event. */
export function encodeGtidSet(set: GtidSet): Buffer {
  return set instanceof MysqlGtidSet ? encodeMysqlGtidSet(set) : encodeMariadbGtidSet(set);
}

/** @throws GtidSetError when the bytes are no such body */
export function decodeGtidSet(flavour: Flavour, body: Buffer): GtidSet {
  return flavour === 'MYSQL' ? decodeMysqlGtidSet(body) : decodeMariadbGtidSet(body);
}

export function flavourOf(set: GtidSet): Flavour {
  return set instanceof MysqlGtidSet ? 'MYSQL' : 'MARIADB';
}

export function unionOf(a: GtidSet, b: GtidSet): GtidSet {
  return a instanceof MysqlGtidSet ? a.union(mysql(b)) : a.union(mariadb(b));
}

/** What `a` has and `b` does not. */
export function differenceOf(a: GtidSet, b: GtidSet): GtidSet {
  return a instanceof MysqlGtidSet ? a.subtract(mysql(b)) : a.subtract(mariadb(b));
}

export function containsAll(a: GtidSet, b: GtidSet): boolean {
  return a instanceof MysqlGtidSet ? a.contains(mysql(b)) : a.contains(mariadb(b));
}

export function isEqual(a: GtidSet, b: GtidSet): boolean {
  return a instanceof MysqlGtidSet ? a.equals(mysql(b)) : a.equals(mariadb(b));
}

function mysql(set: GtidSet): MysqlGtidSet {
  if (set instanceof MysqlGtidSet) return set;
  throw mixed();
}

function mariadb(set: GtidSet): MariadbGtidSet {
  if (set instanceof MariadbGtidSet) return set;
  throw mixed();
}

function mixed(): GtidSetError {
  return new GtidSetError('A set of MySQL GTIDs was mixed with one of MariaDB GTIDs.');
}
