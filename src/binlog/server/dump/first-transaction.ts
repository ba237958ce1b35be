import { raceAbort } from '../../../common/async.js';
import { JournalPurgedError } from '../../journal/journal-error.js';
import { buildSegmentHeader } from '../../journal/segment-header.js';
import { BINLOG_MAGIC } from '../../protocol/event/event-header.js';
import { withoutCreated } from '../../protocol/event/format-description.js';
import { buildHeartbeat, buildHeartbeatV2 } from '../../protocol/event/heartbeat.js';
import { buildArtificialRotate } from '../../protocol/event/rotate.js';
import type { DumpOptions } from './dump-options.js';
import { EventSender } from './event-sender.js';
import { needsChecksums, purged, unknownFile } from './refusals.js';

/** For who wants none. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Waits until there is something to send: a journal that has begun behind what its source had may be without a transaction for
 * long. Meanwhile the client is told, as often as it wants, that all is well.
 *
 * @returns whether the client was sent a FORMAT_DESCRIPTION meanwhile
 * @throws SqlError when it is known already that the client can be sent nothing
 */
export async function untilFirst(options: DumpOptions, signal: AbortSignal): Promise<boolean> {
  const { journal, request } = options;
  if (!isEmpty(options)) return false;
  await refuseInVain(options);
  const heartbeats = new Heartbeats(options);
  const timer = setInterval(() => heartbeats.send(), request.heartbeatMs || NEVER_MS);
  try {
    while (isEmpty(options)) await raceAbort(journal.nextCommit(), signal);
    return heartbeats.hasFormat;
  } finally {
    clearInterval(timer);
  }
}

function isEmpty({ journal }: DumpOptions): boolean {
  return journal.committedOffset === journal.startOffset;
}

/** What it lacks, or asks for, does not come to be by waiting. */
async function refuseInVain({ journal, request, dialect }: DumpOptions): Promise<void> {
  const { has, file, withChecksum } = request;
  if (withChecksum === null) throw needsChecksums(dialect, journal.firstFile);
  if (has === null) {
    if (file !== '' && file !== journal.firstFile) throw unknownFile();
    return;
  }
  const error: unknown = await journal.seek(has).then(
    () => null,
    (reason: unknown) => reason,
  );
  // One that is ahead may have what is still on its way to us.
  if (error instanceof JournalPurgedError) throw purged(dialect, has.toString(), error.missing);
}

/** What a client is sent while there is no event for it. */
class Heartbeats {
  private readonly sender: EventSender;
  /** The file that the client has been told of; null: none yet. */
  private announced: string | null = null;

  constructor(private readonly options: DumpOptions) {
    const { output, request } = options;
    this.sender = new EventSender(output, request, null, () => undefined);
  }

  get hasFormat(): boolean {
    return this.announced !== null;
  }

  send(): void {
    const { journal, request, output, serverId, firstFormat } = this.options;
    const { heartbeatMs, isHeartbeatV2, withChecksum, has } = request;
    const format = firstFormat();
    // MySQL 5.6 takes a heartbeat only once it knows the format of events.
    if (heartbeatMs === 0 || format === null || !output.hasRoom || !isEmpty(this.options)) return;
    const file = journal.firstFile;
    const head = buildSegmentHeader(format, journal.purgedGtidSet!);
    // A heartbeat of another file than the one that a replica knows of, or of a place before its own, ends it.
    if (this.announced !== file) {
      const isSummed = withChecksum === true || this.announced !== null;
      this.sender.own(buildArtificialRotate({ file, position: BINLOG_MAGIC.length }, serverId, isSummed));
      this.sender.own(withoutCreated(format));
      if (has !== null) this.sender.own(head.subarray(BINLOG_MAGIC.length + format.length));
    }
    this.announced = file;
    const build = isHeartbeatV2 ? buildHeartbeatV2 : buildHeartbeat;
    this.sender.own(build({ file, position: head.length }, serverId, true));
    output.flush();
  }
}
