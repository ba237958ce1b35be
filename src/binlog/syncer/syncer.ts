import { parseAddress } from '../../common/address.js';
import { Backoff, delay, raceAbort } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Journal } from '../journal/journal.js';
import { parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { followSource, type FollowOptions, type FollowSink } from './source-follower.js';
import {
  AnonymousTransactionError,
  DumpRefusedError,
  HalfWrittenError,
  SourceHaltError,
  SourceRefusedError,
} from './source-error.js';
import type { SourceFacts } from './source-facts.js';
import type { SourceOptions } from './source-options.js';
import type { Ingest } from './ingest.js';
import type { SourcePosition } from './source-position.js';
import { SYNCER_KEY_CONTEXT, SYNCER_PASSWORD_CONTEXT, type SyncerRecord } from './syncer-record.js';
import type { SyncerStatus } from './syncer-status.js';

const CONNECT_TIMEOUT_MS = 10_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 10_000;
/** What is refused may be mended at the source as well as here. */
const REFUSED_RETRY_MS = 15_000;
/** A connection that lasted for longer, or brought a transaction, begins a new series of attempts. */
const LASTING_MS = 30_000;

/** The right to append to the journal. */
export interface OpenTerm {
  begin(flavour: Flavour, purged: GtidSet): Promise<void>;
  open(): Promise<FollowSink>;
  /** Where the transaction that ends at that offset of the journal ends in the source's files; null when that is not known. */
  sourceAt(offset: number): SourcePosition | null;
}

export interface SyncerOptions {
  readonly journal: Journal;
  readonly term: OpenTerm;
  readonly secrets: SecretBox;
  readonly status: SyncerStatus;
  /** How often the source says that it is there; five seconds unless told. */
  readonly heartbeatMs?: number;
  readonly log: Logger;
  /** Why it is not to be tried: what an earlier run of this record has halted at. */
  readonly halted?: string | null;
  /** What the source is, before the journal begins, and again with its format; to be remembered. Never rejects. */
  readonly onSource?: (facts: SourceFacts) => Promise<void>;
  /** It is not tried again before the record changes; to be remembered. */
  readonly onHalt?: (reason: string) => Promise<void>;
}

/** The login that a record tells of, with its secrets opened. */
export function sourceOptions(record: SyncerRecord, secrets: SecretBox): SourceOptions {
  const { sourceAddress, user, sealedPassword, tls } = record;
  const address = parseAddress(sourceAddress);
  if (!address) throw new SourceRefusedError(`'${sourceAddress}' is no address of a source.`);
  const key = tls.sealedKey === null ? null : secrets.open(tls.sealedKey, SYNCER_KEY_CONTEXT);
  return {
    address,
    user,
    password: secrets.open(sealedPassword, SYNCER_PASSWORD_CONTEXT),
    tls: { mode: tls.mode, ca: tls.ca, cert: tls.cert, key },
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
}

/**
 * Follows the source of a record until the signal aborts: again and again, with growing pauses, whatever happens. What the
 * source refuses is FAILED, and tried again all the same, since it may be mended there, unless something of its history
 * cannot be had any more; everything else is RETRYING.
 */
export async function runSyncer(
  record: SyncerRecord,
  options: SyncerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { status, log, halted = null } = options;
  const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
  let halfWritten: string | null = null;
  let seen: SourcePosition | null = null;
  let isRefusedThere = false;
  if (halted === null) status.change('CONNECTING');
  else status.change('FAILED', halted);
  while (halted === null && !signal.aborted) {
    const startedAt = performance.now();
    const following = attempt(record, options, { halfWritten, seen, isRefusedThere }, signal);
    const error: unknown = await following.catch((reason: unknown) => reason);
    halfWritten = error instanceof HalfWrittenError ? error.gtid : null;
    seen = seenOf(status.ingest) ?? seen;
    isRefusedThere = error instanceof DumpRefusedError && !isRefusedThere;
    const hasProgressed = (status.ingest?.transactions ?? 0) > 0;
    status.endIngest();
    if (signal.aborted) break;
    if (hasProgressed || performance.now() - startedAt > LASTING_MS) backoff.reset();
    // What came before it is not asked for again, so the next answer may be another one.
    const mayGoOn = error instanceof DumpRefusedError && hasProgressed;
    // The source itself passes over it, once all that it has before has come.
    const isSkipped = error instanceof AnonymousTransactionError && record.skips.includes(error.place);
    const isRefused = error instanceof SourceRefusedError && !mayGoOn && !isSkipped;
    const reason = errorMessage(error);
    log.warn(
      { source: record.sourceAddress, reason },
      isRefused ? 'The source cannot be followed' : 'The source was lost',
    );
    status.reconnects++;
    status.change(isRefused ? 'FAILED' : 'RETRYING', reason);
    if (error instanceof SourceHaltError && !isSkipped) {
      await options.onHalt?.(reason);
      break;
    }
    await delay(isRefused ? REFUSED_RETRY_MS : backoff.next(), signal).catch(() => undefined);
  }
  await untilAborted(signal);
  status.change('STOPPED');
}

/** Null before the first event that stands in a file of the source. */
function seenOf(ingest: Ingest | null): SourcePosition | null {
  if (ingest === null || ingest.sourceFile === '') return null;
  return { server: ingest.server, file: ingest.sourceFile, position: ingest.sourcePosition };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return raceAbort(new Promise<void>(() => undefined), signal).catch(() => undefined);
}

async function attempt(
  record: SyncerRecord,
  options: SyncerOptions,
  before: Pick<FollowOptions, 'halfWritten' | 'seen' | 'isRefusedThere'>,
  signal: AbortSignal,
): Promise<void> {
  const { journal, term, secrets, status, log } = options;
  const { flavour } = journal;
  let facts: SourceFacts | null = null;
  await followSource(
    {
      source: sourceOptions(record, secrets),
      serverId: BigInt(record.serverId),
      serverUuid: record.serverUuid,
      flavour: record.flavour,
      semiSync: record.semiSync,
      skips: new Set(record.skips),
      ...before,
      ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
      target: {
        journal: flavour === null ? null : { flavour, executed: journal.durableGtidSet! },
        startAfter: startAfter(record),
        mayLack: record.mayLack,
        resume: flavour === null ? null : term.sourceAt(journal.endOffset),
        begin: (found, purged) => term.begin(found, purged),
        open: () => term.open(),
      },
      onSource: async (state, warnings, isSemiSync) => {
        status.flavour = state.flavour;
        status.sourceVersion = state.version;
        status.warnings =
          record.semiSync && !isSemiSync
            ? [
                ...warnings,
                'Semi-synchronous replication was asked for, and is off at the source, or not installed there.',
              ]
            : warnings;
        status.isSemiSyncActive = isSemiSync;
        const { flavour: found, version, variables } = state;
        facts = { flavour: found, version, variables, format: null };
        await options.onSource?.(facts);
      },
      onFormat: (format) => {
        if (facts === null || facts.format !== null) return;
        facts = { ...facts, format: format.toString('base64') };
        void options.onSource?.(facts);
      },
      onSemiSync: (isActive) => status.changeSemiSync(isActive),
      onRunning: (ingest) => {
        status.ingest = ingest;
        status.connectedAt = new Date();
        const { isSemiSyncActive } = status;
        status.change('RUNNING');
        status.isSemiSyncActive = isSemiSyncActive;
        log.info({ source: record.sourceAddress }, 'Following the source');
      },
    },
    signal,
  );
}

/** Behind which transactions an empty journal is to begin. Throws a GtidSetError when the text is none. */
export function startAfter({ startAfterGtidSet }: SyncerRecord): GtidSet | null {
  if (startAfterGtidSet === null) return null;
  return parseGtidSet(flavourOfText(startAfterGtidSet), startAfterGtidSet);
}

/** A GTID of MySQL has a colon behind its UUID, one of MariaDB has none. */
export function flavourOfText(gtidSet: string): Flavour {
  return gtidSet.includes(':') ? 'MYSQL' : 'MARIADB';
}
