/** How a column of a result set is described to the client; the values themselves are always sent as texts. */
export interface ColumnType {
  /** MySQL: enum_field_types. */
  readonly code: number;
  readonly flags: number;
  readonly characterSet: number;
  /** How wide it may be, in bytes. */
  readonly length: number;
  readonly decimals: number;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Numbers of character sets: utf8, and none. */
const [UTF8, BINARY] = [33, 63];
const [UNSIGNED_FLAG, BINARY_FLAG] = [0x20, 0x80];
/** Servers say so of what has no fixed number of decimals: MySQL 31, MariaDB 39. Clients treat them alike. */
const NOT_FIXED = 31;

const text = (code: number, length: number, characterSet = UTF8): ColumnType => ({
  ...{ code, length, characterSet, decimals: NOT_FIXED },
  flags: characterSet === BINARY ? BINARY_FLAG : 0,
});

const number = (code: number, length: number, flags = 0): ColumnType => ({
  ...{ code, length, characterSet: BINARY, decimals: 0 },
  flags: BINARY_FLAG | flags,
});

export const TEXT = text(0xfd, 0x400);
export const FIXED_TEXT = text(0xfe, 0x90);
export const MEDIUM_TEXT = text(0xfa, 0xffffff);
export const LONG_TEXT = text(0xfb, 0x4000000);
/** The types of variables without a value. */
export const EMPTY_TEXT = text(0xfd, 0xfffc, BINARY);
export const EMPTY_MEDIUM_TEXT = text(0xfa, 0xffffff, BINARY);
export const EMPTY_LONG_TEXT = text(0xfb, 0x1000000, BINARY);
export const NULL = number(0x06, 0);
export const INT = number(0x03, 11);
export const UNSIGNED_INT = number(0x03, 10, UNSIGNED_FLAG);
export const BIGINT = number(0x08, 21);
export const UNSIGNED_BIGINT = number(0x08, 21, UNSIGNED_FLAG);
/** ON or OFF, as SELECT tells it of a variable. */
export const SWITCH = number(0x08, 1);
export const DATETIME = number(0x0c, 19);

export const decimal = (length: number, decimals: number): ColumnType => ({
  ...number(0xf6, length),
  decimals,
});

/** Columns of one type. */
export const columns = (type: ColumnType, ...names: readonly string[]): Column[] =>
  names.map((name) => ({ name, type }));
