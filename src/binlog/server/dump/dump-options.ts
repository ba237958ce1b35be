import type { Journal } from '../../journal/journal.js';
import type { DumpRequest } from './dump-request.js';
import type { FramedChunks } from './framed-chunks.js';
import type { PacketOutput } from './packet-output.js';
import type { Dialect } from './refusals.js';

export interface DumpOptions {
  readonly journal: Journal;
  readonly request: DumpRequest;
  readonly dialect: Dialect;
  /** The server_id in events that we make ourselves. */
  readonly serverId: number;
  readonly output: PacketOutput;
  /** The FORMAT_DESCRIPTION of the source's events, while the journal has none; null when it is not known. */
  readonly firstFormat: () => Buffer | null;
  /** Shared by the dumps of one binlog server. */
  readonly chunks: FramedChunks;
  /** How long the client may be ahead of the journal; ten seconds unless told. */
  readonly catchUpMs?: number;
}
