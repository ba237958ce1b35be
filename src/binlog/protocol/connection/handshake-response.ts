import { PayloadReader } from '../packet/payload-reader.js';
import { PayloadWriter } from '../packet/payload-writer.js';
import { ProtocolError } from '../protocol-error.js';
import { CLIENT } from './capabilities.js';

/** What a client answers to a greeting. */
export interface HandshakeResponse {
  readonly capabilities: number;
  readonly user: string;
  /** The answer to the salt, by the plugin that it names; empty for an empty password. */
  readonly token: Buffer;
  /** Empty when it names none. */
  readonly plugin: string;
}

/** Asks to go on under TLS, and is followed by the response. It is the response's beginning. */
export const TLS_REQUEST_BYTES = 32;

export function isTlsRequest(payload: Buffer): boolean {
  return payload.length === TLS_REQUEST_BYTES && (payload.readUInt32LE(0) & CLIENT.SSL) !== 0;
}

/**
 * @param offered our capabilities: a client may name more, and then counts on what both have
 * @throws ProtocolError when it is malformed, or older than protocol 4.1
 */
export function decodeHandshakeResponse(payload: Buffer, offered: number): HandshakeResponse {
  const reader = new PayloadReader(payload);
  const capabilities = reader.uint(4) & offered;
  if ((capabilities & CLIENT.PROTOCOL_41) === 0)
    throw new ProtocolError('A client is too old: it knows no 4.1.');
  // The largest packet, the character set, and what is reserved.
  reader.skip(4 + 1 + 23);
  const user = reader.untilNul().toString();
  const token = readToken(reader, capabilities);
  if (capabilities & CLIENT.CONNECT_WITH_DB && reader.remaining > 0) reader.untilNul();
  const plugin =
    capabilities & CLIENT.PLUGIN_AUTH && reader.remaining > 0 ? reader.untilNul().toString() : '';
  return { capabilities, user, token: Buffer.from(token), plugin };
}

export function encodeHandshakeResponse(response: HandshakeResponse): Buffer {
  const { capabilities, user, token, plugin } = response;
  return new PayloadWriter()
    .uint(capabilities, 4)
    .uint(0x40000000, 4)
    .uint(33, 1)
    .zeros(23)
    .nulTerminated(user)
    .lengthEncoded(token.length)
    .bytes(token)
    .nulTerminated(plugin)
    .toBuffer();
}

function readToken(reader: PayloadReader, capabilities: number): Buffer {
  if (capabilities & CLIENT.PLUGIN_AUTH_LENENC_CLIENT_DATA) return reader.lengthEncodedBytes();
  if (capabilities & CLIENT.SECURE_CONNECTION) return reader.bytes(reader.uint(1));
  return reader.untilNul();
}
