import {
  BIGINT,
  decimal,
  EMPTY_LONG_TEXT,
  EMPTY_MEDIUM_TEXT,
  EMPTY_TEXT,
  INT,
  LONG_TEXT,
  MEDIUM_TEXT,
  NULL,
  TEXT,
  UNSIGNED_BIGINT,
  type ColumnType,
} from '../../protocol/connection/column-type.js';
import type { ServerFacts } from '../server-facts.js';

/** What an expression comes to, and as what a server of the source's version sends it. */
export interface Value {
  readonly text: string | null;
  readonly type: ColumnType;
}

type Server = Pick<ServerFacts, 'flavour' | 'version'>;

const MAX_BIGINT = 2n ** 63n - 1n;
const MAX_UNSIGNED_BIGINT = 2n ** 64n - 1n;
/** MariaDB: so many characters of a number always fit into four bytes. */
const MAX_INT_CHARACTERS = 9;

export const textValue = (text: string | null): Value => ({ text, type: TEXT });

export function literal(kind: 'string' | 'number' | 'null', text: string, { flavour }: Server): Value {
  if (kind === 'null') return { text: null, type: NULL };
  return kind === 'string' ? textValue(text) : { text, type: numberType(text, flavour) };
}

function numberType(text: string, flavour: Server['flavour']): ColumnType {
  const [whole = '', fraction] = text.split('.');
  if (fraction !== undefined) return decimal(text.length + 1, fraction.length);
  const digits = whole.replace('-', '');
  const value = BigInt(digits);
  if (value > MAX_UNSIGNED_BIGINT) return decimal(text.length + 1, 0);
  if (value > MAX_BIGINT) return UNSIGNED_BIGINT;
  return flavour === 'MARIADB' && digits.length <= MAX_INT_CHARACTERS ? INT : BIGINT;
}

/** As which type a variable that was set with SET @name keeps a value. */
export function keptType({ text, type }: Value, { flavour, version }: Server): ColumnType {
  if (text === null) return flavour === 'MYSQL' ? EMPTY_MEDIUM_TEXT : EMPTY_LONG_TEXT;
  if (type.code === INT.code || type.code === BIGINT.code) {
    return (type.flags & UNSIGNED_BIGINT.flags) === UNSIGNED_BIGINT.flags ? UNSIGNED_BIGINT : BIGINT;
  }
  if (type.code === decimal(1, 0).code) return decimal(65, flavour === 'MYSQL' ? 30 : 38);
  return flavour === 'MYSQL' && majorOf(version) < 8 ? MEDIUM_TEXT : LONG_TEXT;
}

/** The type of a variable that was never set. */
export function unsetType({ flavour, version }: Server): ColumnType {
  return flavour === 'MYSQL' && majorOf(version) >= 8 ? EMPTY_TEXT : EMPTY_LONG_TEXT;
}

/** 5 of `5.6.24-log`. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
