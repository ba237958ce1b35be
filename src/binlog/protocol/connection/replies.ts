import { PayloadReader } from '../packet/payload-reader.js';
import { PayloadWriter } from '../packet/payload-writer.js';
import { STATUS_AUTOCOMMIT } from './capabilities.js';
import type { Column } from './column-type.js';

/** Instead of a value's length. */
const NULL = 0xfb;
const ERR = 0xff;
const EOF = 0xfe;

/** An error as a server tells it: number, SQL state of five characters, text. */
export interface ServerError {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** Without changed rows, inserted id and warnings. */
export function encodeOk(status = STATUS_AUTOCOMMIT): Buffer {
  return new PayloadWriter().zeros(3).uint(status, 2).zeros(2).toBuffer();
}

export function encodeEof(status = STATUS_AUTOCOMMIT): Buffer {
  return new PayloadWriter().uint(EOF, 1).zeros(2).uint(status, 2).toBuffer();
}

/** @param withState false before the client's capabilities are known */
export function encodeError({ errno, sqlState, message }: ServerError, withState = true): Buffer {
  return new PayloadWriter()
    .uint(ERR, 1)
    .uint(errno, 2)
    .text(withState ? `#${sqlState}` : '')
    .text(message)
    .toBuffer();
}

export function isError(payload: Buffer): boolean {
  return payload[0] === ERR;
}

/** @throws ProtocolError when it is cut off */
export function decodeError(payload: Buffer): ServerError {
  const reader = new PayloadReader(payload, 1);
  const errno = reader.uint(2);
  const rest = reader.rest().toString();
  return rest.startsWith('#')
    ? { errno, sqlState: rest.slice(1, 6), message: rest.slice(6) }
    : { errno, sqlState: 'HY000', message: rest };
}

/** Asks the client to prove itself by another plugin, or with another salt. */
export function encodeAuthSwitch(plugin: string, salt: Buffer): Buffer {
  return new PayloadWriter().uint(EOF, 1).nulTerminated(plugin).bytes(salt).zeros(1).toBuffer();
}

/** Says in caching_sha2_password that the token was right, and that OK follows. */
export function encodeFastAuthSuccess(): Buffer {
  return Buffer.of(0x01, 0x03);
}

export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The payloads of a result set with texts as values, in the classic form with two EOF packets. */
export function encodeResultSet({ columns, rows }: ResultSet, status = STATUS_AUTOCOMMIT): Buffer[] {
  return [
    new PayloadWriter().lengthEncoded(columns.length).toBuffer(),
    ...columns.map(encodeColumn),
    encodeEof(status),
    ...rows.map(encodeRow),
    encodeEof(status),
  ];
}

function encodeColumn({ name, type }: Column): Buffer {
  return new PayloadWriter()
    .lengthEncodedText('def')
    .zeros(3)
    .lengthEncodedText(name)
    .zeros(1)
    .uint(0x0c, 1)
    .uint(type.characterSet, 2)
    .uint(type.length, 4)
    .uint(type.code, 1)
    .uint(type.flags, 2)
    .uint(type.decimals, 1)
    .zeros(2)
    .toBuffer();
}

function encodeRow(values: readonly (string | null)[]): Buffer {
  const writer = new PayloadWriter();
  for (const value of values) {
    if (value === null) writer.uint(NULL, 1);
    else writer.lengthEncodedText(value);
  }
  return writer.toBuffer();
}
