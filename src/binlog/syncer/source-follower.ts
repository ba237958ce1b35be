import { raceAbort } from '../../common/async.js';
import { emptyGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import { DumpClient } from './dump-client.js';
import { dumpCommand, registration, setupStatements, type DumpIdentity } from './dump-setup.js';
import { Ingest, type TransactionSink } from './ingest.js';
import { examineSource } from './examine-source.js';
import type { FollowerState } from './source-checks.js';
import { SourceConnection } from './source-connection.js';
import { SourceUnavailableError } from './source-error.js';
import type { SourceOptions } from './source-options.js';
import { checkUnseen } from './unseen.js';
import { watchSource } from './source-watch.js';
import type { SourcePosition } from './source-position.js';
import { readSourceState, serverOf, type SourceState } from './source-state.js';

const HEARTBEAT_MS = 5_000;
/**
 * A source that waits for our acknowledgement of what we have had before the connection sends nothing but a heartbeat, and only
 * that tells us of its position: until then its clients wait.
 */
const SEMI_SYNC_HEARTBEAT_MS = 250;
/** A source that is silent for so many heartbeats is dead. */
const MISSED_HEARTBEATS = 3;
/** How many commits may be waited for by the source at a time; it waits for one per connection of its clients. */
const MAX_WAITING = 65_536;
const NOTHING: ReadonlySet<string> = new Set();

/** Where the transactions go. */
export interface FollowTarget {
  /** Null while it is empty and has not begun. */
  readonly journal: { readonly flavour: Flavour; readonly executed: GtidSet } | null;
  /** The transactions behind which an empty journal is to begin; null: with all that the source has. */
  readonly startAfter: GtidSet | null;
  /** See {@link FollowerState}. */
  readonly mayLack: boolean;
  /** See {@link FollowerState}. */
  readonly resume: SourcePosition | null;
  /** Begins an empty journal behind these transactions. */
  begin(flavour: Flavour, purged: GtidSet): Promise<void>;
  open(): Promise<FollowSink>;
}

/** The journal's writer, and what becomes of its transactions. */
export interface FollowSink extends TransactionSink {
  writable(signal: AbortSignal): Promise<void>;
  readonly committedOffset: number;
  /** Called with each new committed offset. */
  onCommit(listener: (offset: number) => void): () => void;
  /** Aborted when nothing can be written or committed any more. */
  readonly signal: AbortSignal;
  /** Throws the unfinished transaction away, and ends. */
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly source: SourceOptions;
  readonly serverId: bigint;
  readonly serverUuid: string;
  /** The flavour that the source must have; null: any. */
  readonly flavour: Flavour | null;
  /** Whether semi-synchronous replication is wanted, if the source can. */
  readonly semiSync: boolean;
  /** The GTID of a transaction that came without an end before. */
  readonly halfWritten?: string | null;
  /** See {@link FollowerState}. */
  readonly isRefusedThere?: boolean;
  /** Up to where the source has been read by the connection before, whatever stood there; null when there was none. */
  readonly seen?: SourcePosition | null;
  /** What is to be passed over, see {@link IngestOptions}. */
  readonly skips?: ReadonlySet<string>;
  /** How often the source says that it is there; five seconds unless told. */
  readonly heartbeatMs?: number;
  readonly target: FollowTarget;
  /** What the source is, and what is remarkable about it; nothing has been written yet. */
  readonly onSource: (state: SourceState, warnings: readonly string[], isSemiSync: boolean) => Promise<void>;
  /** What describes its events; again with each of its files. */
  readonly onFormat: (format: Buffer) => void;
  /** Whether the source waits for us now; again and again, when it was to. */
  readonly onSemiSync: (isActive: boolean) => void;
  /** The first event has come. */
  readonly onRunning: (ingest: Ingest) => void;
}

/**
 * Follows a source once: checks it, asks for what the journal lacks and stores it, until the connection ends, the
 * source is silent for too long, or the signal aborts. Always rejects; behind it no part of a transaction is left.
 */
export async function followSource(options: FollowOptions, signal: AbortSignal): Promise<never> {
  const { target, serverId, serverUuid, heartbeatMs = HEARTBEAT_MS } = options;
  const source = await SourceConnection.open(options.source, signal);
  try {
    const state = await readSourceState(source, signal);
    const { journal, startAfter, mayLack } = target;
    const { flavour, seen, skips = NOTHING } = options;
    const us: FollowerState = {
      ...{ serverId, serverUuid, flavour, journal, startAfter, mayLack },
      ...{ resume: target.resume, isRefusedThere: options.isRefusedThere === true },
    };
    const { warnings, resume, from } = await examineSource(source, state, us, options.source, signal);
    const isSemiSync = options.semiSync && state.semiSync?.isOn === true;
    await options.onSource(state, warnings, isSemiSync);
    const executed = await begun(target, state);
    const known = resume ?? (seen?.server === serverOf(state) ? seen : null);
    if (known && state.flavour === 'MYSQL') await checkUnseen(source, known, executed, skips, signal);
    const asked = isSemiSync ? Math.min(heartbeatMs, SEMI_SYNC_HEARTBEAT_MS) : heartbeatMs;
    const identity = { serverId, serverUuid, heartbeatMs: asked, isSemiSync, executed, from };
    for (const statement of setupStatements(state, identity)) await source.query(statement, signal);
    return await dump({ ...options, skips }, source, state, { ...identity, resume }, signal);
  } finally {
    source.destroy();
  }
}

/** @returns what the journal has, having begun it if need be */
async function begun(target: FollowTarget, { flavour, purged }: SourceState): Promise<GtidSet> {
  if (target.journal !== null) return target.journal.executed;
  const before = target.startAfter ?? purged ?? emptyGtidSet(flavour);
  await target.begin(flavour, before);
  return before;
}

async function dump(
  options: FollowOptions,
  source: SourceConnection,
  state: SourceState,
  identity: DumpIdentity & { readonly resume: SourcePosition | null },
  signal: AbortSignal,
): Promise<never> {
  const sink = await options.target.open();
  const ending = new AbortController();
  const waiting = new WaitingCommits();
  const ingest = new Ingest(sink, state.flavour, identity.executed, {
    ...{ server: serverOf(state), resume: identity.resume },
    ...{ halfWritten: options.halfWritten ?? null, skips: options.skips ?? NOTHING },
    onFormat: options.onFormat,
  });
  let heardAt = performance.now();
  let isRunning = false;
  const client: DumpClient = new DumpClient({
    stream: source.takeOver(),
    isSemiSync: identity.isSemiSync,
    onEvents: (bytes, start, end) => {
      heardAt = performance.now();
      if (!isRunning) options.onRunning(ingest);
      isRunning = true;
      ingest.take(bytes, start, end);
      if (ingest.isFull && !isWaiting) wait();
    },
    onPayloadEnd: (wantsAck) => {
      // What was stored before the connection is not sent again, though clients of the source may still wait for it.
      if (!wantsAck && !(identity.isSemiSync && ingest.isAtHeartbeat)) return;
      const { sourcePosition, sourceFile } = ingest;
      if (sink.boundaryOffset <= sink.committedOffset) client.acknowledge(sourcePosition, sourceFile);
      else waiting.add(sink.boundaryOffset, sourcePosition, sourceFile);
    },
    onEnd: (error) => ending.abort(error),
  });
  let isWaiting = false;
  const wait = (): void => {
    isWaiting = true;
    client.pause();
    sink.writable(ending.signal).then(
      () => {
        isWaiting = ingest.isFull = false;
        heardAt = performance.now();
        client.resume();
      },
      (error: unknown) => ending.abort(error),
    );
  };
  const unsubscribe = sink.onCommit((offset) => {
    const ack = waiting.committed(offset);
    if (ack) client.acknowledge(ack.position, ack.file);
  });
  const { heartbeatMs = HEARTBEAT_MS } = options;
  const silenceMs = MISSED_HEARTBEATS * heartbeatMs;
  const watchdog = setInterval(() => {
    if (performance.now() - heardAt > silenceMs && !client.isPaused)
      ending.abort(new SourceUnavailableError(`The source has been silent for ${silenceMs / 1_000} s.`));
  }, heartbeatMs);
  const watching = watchSource(
    {
      ...{ source: options.source, state, everyMs: heartbeatMs, ingest },
      onSemiSync: identity.isSemiSync ? options.onSemiSync : null,
    },
    ending.signal,
  );
  try {
    client.start(registration(identity), dumpCommand(identity));
    return await raceAbort(watching, ending.signal, sink.signal, signal);
  } finally {
    clearInterval(watchdog);
    unsubscribe();
    client.stop();
    ending.abort(new SourceUnavailableError('The dump has ended.'));
    await watching.catch(() => undefined);
    await sink.close();
  }
}

/** The commits that the source waits for, oldest first. */
class WaitingCommits {
  private waiting: { readonly offset: number; readonly position: number; readonly file: string }[] = [];

  add(offset: number, position: number, file: string): void {
    // One that is acknowledged stands for all before it.
    if (this.waiting.length >= MAX_WAITING) this.waiting.shift();
    this.waiting.push({ offset, position, file });
  }

  /** @returns the last one that ends at or before the offset */
  committed(offset: number): { readonly position: number; readonly file: string } | undefined {
    const behind = this.waiting.findIndex((each) => each.offset > offset);
    const done = this.waiting.splice(0, behind < 0 ? this.waiting.length : behind);
    return done.at(-1);
  }
}
