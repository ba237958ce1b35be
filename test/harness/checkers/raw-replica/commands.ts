const COM_QUERY = 0x03;
const COM_BINLOG_DUMP = 0x12;
const COM_REGISTER_SLAVE = 0x15;
const COM_BINLOG_DUMP_GTID = 0x1e;
const SEMI_SYNC_ACK = 0xef;

/** Where in the source's files a dump begins; the first file's beginning unless told. */
export interface Position {
  readonly file: string;
  readonly offset: number;
}

export function query(sql: string): Buffer {
  return Buffer.concat([Buffer.from([COM_QUERY]), Buffer.from(sql)]);
}

/** Without host, user and password, as servers send it that are not told to report theirs. */
export function registerSlave(serverId: number, port: number): Buffer {
  const payload = Buffer.alloc(18);
  payload[0] = COM_REGISTER_SLAVE;
  payload.writeUInt32LE(serverId, 1);
  payload.writeUInt16LE(port, 8);
  return payload;
}

export function binlogDump(serverId: number, flags: number, { file, offset }: Position): Buffer {
  const head = Buffer.alloc(11);
  head[0] = COM_BINLOG_DUMP;
  head.writeUInt32LE(offset, 1);
  head.writeUInt16LE(flags, 5);
  head.writeUInt32LE(serverId, 7);
  return Buffer.concat([head, Buffer.from(file)]);
}

/** @param gtids in their binary form */
export function binlogDumpGtid(
  serverId: number,
  flags: number,
  { file, offset }: Position,
  gtids: Buffer,
): Buffer {
  const head = Buffer.alloc(11);
  head[0] = COM_BINLOG_DUMP_GTID;
  head.writeUInt16LE(flags, 1);
  head.writeUInt32LE(serverId, 3);
  head.writeUInt32LE(file.length, 7);
  const tail = Buffer.alloc(12);
  tail.writeBigUInt64LE(BigInt(offset), 0);
  tail.writeUInt32LE(gtids.length, 8);
  return Buffer.concat([head, Buffer.from(file), tail, gtids]);
}

/** @param offset the end of the acknowledged event */
export function semiSyncAck(file: string, offset: number): Buffer {
  const head = Buffer.alloc(9);
  head[0] = SEMI_SYNC_ACK;
  head.writeBigUInt64LE(BigInt(offset), 1);
  return Buffer.concat([head, Buffer.from(file)]);
}
