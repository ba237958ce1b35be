import { randomUUID } from 'node:crypto';
import {
  BIGINT,
  DATETIME,
  FIXED_TEXT,
  LONG_TEXT,
  TEXT,
  UNSIGNED_BIGINT,
  UNSIGNED_INT,
} from '../../protocol/connection/column-type.js';
import { GtidSetError } from '../../protocol/gtid/gtid-set-error.js';
import { MysqlGtidSet } from '../../protocol/gtid/mysql-gtid-set.js';
import type { ServerFacts } from '../server-facts.js';
import { malformedGtidSet, unknownFunction, wrongArgumentCount } from './sql-error.js';
import { textValue, type Value } from './value.js';

/** What functions may see of the session and the server behind it. */
export interface FunctionContext {
  readonly facts: ServerFacts;
  readonly connectionId: number;
  /** NAME@HOST */
  readonly user: string;
  /** That was chosen with USE; null when none was. */
  readonly database: string | null;
}

/** @returns null when it is none of those that replicas and their tools use @throws SqlError */
export function callFunction(name: string, given: readonly Value[], context: FunctionContext): Value | null {
  const { facts } = context;
  switch (name.toLowerCase()) {
    case 'gtid_subset':
      return gtidSubset(name, given, facts);
    case 'gtid_subtract':
      return gtidSubtract(name, given, facts);
  }
  return given.length === 0 ? callWithoutArguments(name.toLowerCase(), context) : null;
}

function callWithoutArguments(
  name: string,
  { facts, connectionId, user, database }: FunctionContext,
): Value | null {
  const isMysql = facts.flavour === 'MYSQL';
  switch (name) {
    case 'unix_timestamp':
      return { text: String(Math.floor(Date.now() / 1_000)), type: BIGINT };
    case 'now':
      return { text: new Date().toISOString().slice(0, 19).replace('T', ' '), type: DATETIME };
    case 'version':
      return textValue(facts.version);
    case 'uuid':
      return { text: randomUUID(), type: isMysql ? TEXT : FIXED_TEXT };
    case 'connection_id':
      return { text: String(connectionId), type: isMysql ? UNSIGNED_BIGINT : UNSIGNED_INT };
    case 'user':
    case 'current_user':
    case 'session_user':
      return textValue(user);
    case 'database':
    case 'schema':
      return textValue(database);
    default:
      return null;
  }
}

function gtidSubset(name: string, given: readonly Value[], facts: ServerFacts): Value {
  const sets = gtidSets(name, given, facts);
  if (sets === null) return { text: null, type: BIGINT };
  return { text: sets[1].contains(sets[0]) ? '1' : '0', type: BIGINT };
}

function gtidSubtract(name: string, given: readonly Value[], facts: ServerFacts): Value {
  const sets = gtidSets(name, given, facts);
  // Servers expect much of what they know no length of.
  const type = given[0]?.text ? TEXT : LONG_TEXT;
  return { text: sets === null ? null : sets[0].subtract(sets[1]).toString(), type };
}

/** Null when one of them is. MariaDB has no such functions. */
function gtidSets(
  name: string,
  given: readonly Value[],
  { flavour }: ServerFacts,
): [MysqlGtidSet, MysqlGtidSet] | null {
  if (flavour !== 'MYSQL') throw unknownFunction(name);
  const [a, b, ...others] = given;
  if (!a || !b || others.length > 0) throw wrongArgumentCount(name);
  return a.text === null || b.text === null ? null : [gtidSet(a.text), gtidSet(b.text)];
}

function gtidSet(text: string): MysqlGtidSet {
  try {
    return MysqlGtidSet.parse(text);
  } catch (error) {
    if (error instanceof GtidSetError) throw malformedGtidSet(text);
    throw error;
  }
}
