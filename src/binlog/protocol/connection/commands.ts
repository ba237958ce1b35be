import { PayloadReader } from '../packet/payload-reader.js';
import { PayloadWriter } from '../packet/payload-writer.js';

/** The first byte of what a client asks for. */
export const COMMAND = {
  QUIT: 0x01,
  INIT_DB: 0x02,
  QUERY: 0x03,
  PROCESS_KILL: 0x0c,
  PING: 0x0e,
  BINLOG_DUMP: 0x12,
  REGISTER_SLAVE: 0x15,
  BINLOG_DUMP_GTID: 0x1e,
} as const;

/** Dump: end with an EOF packet instead of waiting. */
export const DUMP_NON_BLOCK = 0x0001;
/** Dump, MySQL: heartbeats may be of version 2. */
export const DUMP_HEARTBEAT_V2 = 0x0002;
/** Dump, MariaDB: the events that hold the text of statements are wanted. */
export const DUMP_ANNOTATE_ROWS = 0x0002;
/** Dump, MySQL 8.3 and newer: transactions whose GTID has a tag are not to be sent. */
export const DUMP_SKIP_TAGGED_GTIDS = 0x0004;

/** What a replica tells about itself. Host, user and password are what its own configuration wants shown. */
export interface RegisterSlave {
  readonly serverId: number;
  readonly host: string;
  readonly port: number;
}

/** From a position in a file. */
export interface BinlogDump {
  readonly flags: number;
  readonly serverId: number;
  /** Empty: the first one. */
  readonly file: string;
  readonly position: number;
}

/** From a set of GTIDs in its binary form, which is what the client has. File and position are to be ignored. */
export interface BinlogDumpGtid {
  readonly flags: number;
  readonly serverId: number;
  readonly gtidSet: Buffer;
}

export function encodeRegisterSlave({ serverId, host, port }: RegisterSlave): Buffer {
  return new PayloadWriter()
    .uint(COMMAND.REGISTER_SLAVE, 1)
    .uint(serverId, 4)
    .lengthEncodedText(host)
    .zeros(2)
    .uint(port, 2)
    .zeros(8)
    .toBuffer();
}

export function decodeRegisterSlave(payload: Buffer): RegisterSlave {
  const reader = new PayloadReader(payload, 1);
  const serverId = reader.uint(4);
  const host = reader.bytes(reader.uint(1)).toString();
  // User and password of the replica's own accounts: nothing that a source needs, nor should keep.
  reader.skip(reader.uint(1));
  reader.skip(reader.uint(1));
  return { serverId, host, port: reader.uint(2) };
}

export function encodeBinlogDump({ flags, serverId, file, position }: BinlogDump): Buffer {
  return new PayloadWriter()
    .uint(COMMAND.BINLOG_DUMP, 1)
    .uint(position, 4)
    .uint(flags, 2)
    .uint(serverId, 4)
    .text(file)
    .toBuffer();
}

export function decodeBinlogDump(payload: Buffer): BinlogDump {
  const reader = new PayloadReader(payload, 1);
  const position = reader.uint(4);
  const flags = reader.uint(2);
  const serverId = reader.uint(4);
  return { flags, serverId, file: upToNul(reader.rest()), position };
}

/** Servers take the name for a text of C: some clients end it with a NUL, or fill up with more of them. */
function upToNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

export function encodeBinlogDumpGtid({ flags, serverId, gtidSet }: BinlogDumpGtid): Buffer {
  return new PayloadWriter()
    .uint(COMMAND.BINLOG_DUMP_GTID, 1)
    .uint(flags, 2)
    .uint(serverId, 4)
    .uint(0, 4)
    .uint64(4n)
    .uint(gtidSet.length, 4)
    .bytes(gtidSet)
    .toBuffer();
}

export function decodeBinlogDumpGtid(payload: Buffer): BinlogDumpGtid {
  const reader = new PayloadReader(payload, 1);
  const flags = reader.uint(2);
  const serverId = reader.uint(4);
  reader.skip(reader.uint(4));
  reader.skip(8);
  return { flags, serverId, gtidSet: reader.bytes(reader.uint(4)) };
}
