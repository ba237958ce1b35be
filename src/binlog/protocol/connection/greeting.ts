import { randomBytes } from 'node:crypto';
import { PayloadReader } from '../packet/payload-reader.js';
import { PayloadWriter } from '../packet/payload-writer.js';
import { ProtocolError } from '../protocol-error.js';
import { SCRAMBLE_BYTES, type AuthPlugin } from '../auth/plugins.js';
import { STATUS_AUTOCOMMIT } from './capabilities.js';

const PROTOCOL_VERSION = 10;
/** utf8mb3, the default of servers before MySQL 8; which one is named makes no difference to replicas. */
const CHARSET = 33;
const FIRST_PART = 8;

/** The first packet of a connection, from the server. */
export interface Greeting {
  readonly serverVersion: string;
  readonly connectionId: number;
  /** 20 bytes. */
  readonly salt: Buffer;
  readonly capabilities: number;
  readonly plugin: string;
}

export function encodeGreeting(greeting: Greeting & { readonly plugin: AuthPlugin }): Buffer {
  const { serverVersion, connectionId, salt, capabilities, plugin } = greeting;
  return new PayloadWriter()
    .uint(PROTOCOL_VERSION, 1)
    .nulTerminated(serverVersion)
    .uint(connectionId, 4)
    .bytes(salt.subarray(0, FIRST_PART))
    .zeros(1)
    .uint(capabilities & 0xffff, 2)
    .uint(CHARSET, 1)
    .uint(STATUS_AUTOCOMMIT, 2)
    .uint(capabilities >>> 16, 2)
    .uint(SCRAMBLE_BYTES + 1, 1)
    .zeros(10)
    .bytes(salt.subarray(FIRST_PART))
    .zeros(1)
    .nulTerminated(plugin)
    .toBuffer();
}

/** @throws ProtocolError when it is no greeting of protocol version 10 */
export function decodeGreeting(payload: Buffer): Greeting {
  const reader = new PayloadReader(payload);
  const version = reader.uint(1);
  if (version !== PROTOCOL_VERSION)
    throw new ProtocolError(`A server greets with protocol ${version}, not 10.`);
  const serverVersion = reader.untilNul().toString();
  const connectionId = reader.uint(4);
  const first = Buffer.from(reader.bytes(FIRST_PART));
  reader.skip(1);
  const low = reader.uint(2);
  reader.skip(3);
  const high = reader.uint(2);
  reader.skip(11);
  const second = reader.bytes(SCRAMBLE_BYTES - FIRST_PART);
  reader.skip(1);
  const plugin = reader.remaining > 0 ? reader.untilNul().toString() : '';
  const capabilities = (low | (high << 16)) >>> 0;
  return { serverVersion, connectionId, salt: Buffer.concat([first, second]), capabilities, plugin };
}

/** As the servers make it: clients of old treat it as text, so it has neither NUL nor `$`, nor anything beyond ASCII. */
export function createSalt(): Buffer {
  const salt = randomBytes(SCRAMBLE_BYTES);
  for (let i = 0; i < salt.length; i++) {
    const byte = salt[i]! & 0x7f;
    salt[i] = byte === 0 || byte === 0x24 ? byte + 1 : byte;
  }
  return salt;
}
