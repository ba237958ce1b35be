import { BINLOG_MAGIC, HEADER_BYTES, SERVER_ID_AT, SIZE_AT, u32 } from '../protocol/event/event-header.js';
import { EventScanner } from '../protocol/event/event-scanner.js';
import { EventType } from '../protocol/event/event-type.js';
import { readFormatDescription } from '../protocol/event/format-description.js';
import { buildGtidList, readGtidList } from '../protocol/event/gtid-list.js';
import { flavourOf, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { errorMessage } from '../../common/errors.js';
import type { DiskFile } from './disk.js';
import { readFully } from './files.js';
import { JournalDamageError } from './journal-error.js';

/** No header is larger: a set of GTIDs may have millions of intervals. */
const HEADER_MAX_BYTES = 80 * 1024 * 1024;

/** What stands before a segment's transactions: the magic, the source's FDE, and a list of all transactions before. */
export interface SegmentHeader {
  /** The FDE, IN_USE cleared. */
  readonly format: Buffer;
  readonly previous: GtidSet;
  readonly bytes: number;
}

/** The same for the same FDE and set on every member, byte for byte. */
export function buildSegmentHeader(format: Buffer, previous: GtidSet): Buffer {
  const { hasChecksums } = readFormatDescription(format);
  const start = BINLOG_MAGIC.length + format.length;
  const occasion = { timestamp: u32(format, 0), serverId: u32(format, SERVER_ID_AT) };
  return Buffer.concat([BINLOG_MAGIC, format, buildGtidList(previous, occasion, start, hasChecksums)]);
}

/** @throws JournalDamageError when the file does not begin with the header of a segment of that flavour */
export async function readSegmentHeader(
  file: DiskFile,
  path: string,
  flavour: Flavour,
): Promise<SegmentHeader> {
  const magic = await readAt(file, path, 0, BINLOG_MAGIC.length);
  if (!magic.equals(BINLOG_MAGIC))
    throw new JournalDamageError(path, 0, 'it does not begin as a binlog file');
  const format = await readEvent(file, path, BINLOG_MAGIC.length);
  const listAt = BINLOG_MAGIC.length + format.length;
  const list = await readEvent(file, path, listAt);
  const previous = parseHeader(path, format, list);
  if (flavourOf(previous) !== flavour)
    throw new JournalDamageError(
      path,
      listAt,
      `its GTIDs are of ${flavourOf(previous)} instead of ${flavour}`,
    );
  return { format, previous, bytes: listAt + list.length };
}

function parseHeader(path: string, format: Buffer, list: Buffer): GtidSet {
  let previous: GtidSet | null = null;
  const scanner = new EventScanner(
    {
      onEvent: (event) => {
        if (event.type === EventType.FORMAT_DESCRIPTION) return;
        if (event.type === EventType.PREVIOUS_GTIDS || event.type === EventType.GTID_LIST)
          previous = readGtidList(event);
      },
      onBytes: () => undefined,
      onEventEnd: () => undefined,
    },
    true,
    BINLOG_MAGIC.length,
  );
  try {
    scanner.push(format);
    scanner.push(list);
  } catch (error) {
    throw new JournalDamageError(path, scanner.offset, errorMessage(error));
  }
  if (previous === null)
    throw new JournalDamageError(
      path,
      BINLOG_MAGIC.length,
      'no FORMAT_DESCRIPTION and list of GTIDs stand here',
    );
  return previous;
}

async function readEvent(file: DiskFile, path: string, at: number): Promise<Buffer> {
  const header = await readAt(file, path, at, HEADER_BYTES);
  const size = u32(header, SIZE_AT);
  if (size < HEADER_BYTES || size > HEADER_MAX_BYTES)
    throw new JournalDamageError(path, at, `an event of ${size} bytes stands at its head`);
  return readAt(file, path, at, size);
}

async function readAt(file: DiskFile, path: string, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const read = await readFully(file, bytes, length, at);
  if (read < length) throw new JournalDamageError(path, at, 'it ends within its head');
  return bytes;
}
