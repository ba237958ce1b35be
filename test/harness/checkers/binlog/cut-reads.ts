import { nodeDisk, type Disk, type DiskFile } from '../../../../src/binlog/journal/disk.js';
import { EventScanner } from '../../../../src/binlog/protocol/event/event-scanner.js';
import { EventType } from '../../../../src/binlog/protocol/event/event-type.js';
import { statementStart } from '../../../../src/binlog/protocol/event/query.js';
import { TransactionTracker } from '../../../../src/binlog/protocol/event/transaction-tracker.js';
import type { Flavour } from '../../../../src/binlog/protocol/gtid/gtid-set.js';

/** The longest word that tells what a statement is to its transaction. */
const WORD_BYTES = 11;

/**
 * What scanner and tracker tell of a stream that comes in pieces: of each event what it is to its transaction, whose, and
 * what must be known of a statement wherever the cuts are.
 */
export function readInPieces(
  flavour: Flavour,
  bytes: Buffer,
  cuts: readonly number[],
  hasChecksums = true,
): string[] {
  const tracker = new TransactionTracker(flavour);
  const lines: string[] = [];
  const scanner = new EventScanner(
    {
      onEvent: (event) => {
        const part = tracker.next(event);
        const isQuery = event.type === EventType.QUERY;
        const at = isQuery ? statementStart(event) : event.bodyStart;
        const end = isQuery ? Math.min(at + WORD_BYTES, event.bodyEnd) : at;
        const word = event.bytes.toString('latin1', at, end);
        lines.push([event.type, event.size, part, tracker.isInTransaction, word].join(' '));
      },
      onBytes: () => undefined,
      onEventEnd: ({ offset }) => lines.push(`${offset} ends, ${tracker.source ? tracker.gtidText : ''}`),
    },
    hasChecksums,
  );
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    scanner.push(bytes, at, cut);
    at = cut;
  }
  return lines;
}

/** The machine's own disk, which answers a read with so few bytes at a time as it may. */
export function diskOfSmallReads(bytes: number): Disk {
  return {
    ...nodeDisk,
    open: async (path, flags): Promise<DiskFile> => {
      const file = await nodeDisk.open(path, flags);
      return {
        read: (buffer, at, length, position) => file.read(buffer, at, Math.min(length, bytes), position),
        write: (buffer, at, length, position) => file.write(buffer, at, length, position),
        truncate: (size) => file.truncate(size),
        datasync: () => file.datasync(),
        sync: () => file.sync(),
        stat: () => file.stat(),
        close: () => file.close(),
      };
    },
  };
}
