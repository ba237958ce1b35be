import { abortable, pause, sharedAbortController } from '../common/async.js';
import { CompactedError, isPassing, SessionLostError } from './errors.js';
import type { CallOptions, Condition, Coordinator, KeyValue, Session, Snapshot } from './types.js';

/** Held by exactly one session at a time. */
export interface Leadership {
  /** The create revision of the key: grows with every change of hands. */
  readonly epoch: bigint;
  /** Put this on every write made as leader: the write fails once another holds the key. */
  readonly condition: Condition;
  /** Aborted when the session is lost, on resign, and when the key is seen to be gone or another's. */
  readonly signal: AbortSignal;
  /** False as soon as the session may have ended; ask before each step taken as leader. */
  isHeld(): boolean;
  /**
   * Gives the key up (only if it is still ours). Idempotent; never throws, and takes a few seconds at most: a
   * key that cannot be deleted now goes with the session, or with the next campaign under it.
   */
  resign(): Promise<void>;
}

/**
 * Waits until the key is ours. Rejects when the signal aborts or the session ends. One campaign at a time for
 * a key under one session.
 */
export type Campaign = (
  coordinator: Coordinator,
  key: string,
  value: string,
  session: Session,
  options?: CampaignOptions,
) => Promise<Leadership>;

export interface CampaignOptions extends CallOptions {
  /** Asked each time before the free key is taken; whoever is to let others go first does not resolve. */
  readonly before?: (signal: AbortSignal) => Promise<void>;
}

const RETRY_MS = 250;
/** How long a resignation waits for the coordinator. */
const RESIGN_MS = 3_000;

export const campaign: Campaign = async (coordinator, key, value, session, options = {}) => {
  const signal = AbortSignal.any(
    options.signal === undefined ? [session.signal] : [session.signal, options.signal],
  );
  let started: bigint | undefined;

  for (;;) {
    signal.throwIfAborted();
    const snapshot = await readUntilAnswered(coordinator, key, signal);
    const current = find(snapshot, key);
    started ??= snapshot.revision;

    if (current === undefined) {
      await options.before?.(signal);
      const epoch = await create(coordinator, key, value, session);
      if (epoch !== undefined) return hold(coordinator, key, epoch, session, options.signal);
    } else if (current.sessionId !== session.id) {
      await untilChanged(coordinator, key, snapshot.revision, signal, () => true);
    } else if (current.createRevision > started) {
      // A write of this campaign whose outcome was unknown did come true.
      return hold(coordinator, key, current.createRevision, session, options.signal);
    } else {
      // Left by an earlier leadership that could not resign. Its epoch is not taken over: that one is over.
      await remove(coordinator, key, current.createRevision);
    }
  }
};

/**
 * The revision of our key, or undefined when it is not known to be ours. The caller's signal is not passed
 * on: an abandoned write could still come true, and its outcome is known soon enough.
 */
async function create(
  coordinator: Coordinator,
  key: string,
  value: string,
  session: Session,
): Promise<bigint | undefined> {
  try {
    const result = await coordinator.commit({
      conditions: [{ key, createRevision: 0n }],
      operations: [{ put: key, value, session }],
    });
    return result.committed ? result.revision : undefined;
  } catch (error) {
    if (!isPassing(error)) throw error;
    await pause(RETRY_MS, session.signal);
    return undefined;
  }
}

/** Deletes the key if it is still the one created at that revision, as far as the coordinator can be reached. */
async function remove(coordinator: Coordinator, key: string, createRevision: bigint): Promise<void> {
  try {
    await coordinator.commit({ conditions: [{ key, createRevision }], operations: [{ delete: key }] });
  } catch (error) {
    if (!isPassing(error)) throw error;
    await pause(RETRY_MS);
  }
}

async function hold(
  coordinator: Coordinator,
  key: string,
  epoch: bigint,
  session: Session,
  abandoned: AbortSignal | undefined,
): Promise<Leadership> {
  const leadership = new HeldKey(coordinator, key, epoch, session);
  if (abandoned?.aborted === true) {
    // The key was won in the moment in which the candidate gave up.
    await leadership.resign();
    abandoned.throwIfAborted();
  }
  session.signal.throwIfAborted();
  return leadership;
}

class HeldKey implements Leadership {
  readonly condition: Condition;
  readonly signal: AbortSignal;
  private readonly ended = sharedAbortController();
  private resigning: Promise<void> | undefined;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly key: string,
    readonly epoch: bigint,
    private readonly session: Session,
  ) {
    this.condition = { key, createRevision: epoch };
    this.signal = AbortSignal.any([this.ended.signal, session.signal]);
    void this.observe();
  }

  isHeld(): boolean {
    return !this.ended.signal.aborted && this.session.isAlive();
  }

  resign(): Promise<void> {
    this.ended.abort(new SessionLostError(`The key ${this.key} was given up.`));
    this.resigning ??= this.giveUp();
    return this.resigning;
  }

  private async giveUp(): Promise<void> {
    // With its session the key is gone, or about to go.
    if (!this.session.isAlive()) return;
    const removal = remove(this.coordinator, this.key, this.epoch);
    const patience = AbortSignal.any([this.session.signal, AbortSignal.timeout(RESIGN_MS)]);
    await abortable(removal, patience).catch(() => undefined);
  }

  /** Follows the key while it is held: an operator, or a restored backup, may take it away. */
  private async observe(): Promise<void> {
    let position = this.epoch;
    const isOther = (createRevision: bigint | undefined) => createRevision !== this.epoch;
    try {
      while (!this.signal.aborted) {
        if (await untilChanged(this.coordinator, this.key, position, this.signal, isOther)) break;
        const snapshot = await readUntilAnswered(this.coordinator, this.key, this.signal);
        if (isOther(find(snapshot, this.key)?.createRevision)) break;
        position = snapshot.revision;
      }
      this.ended.abort(new SessionLostError(`The key ${this.key} is no longer held at epoch ${this.epoch}.`));
    } catch (error) {
      this.ended.abort(error);
    }
  }
}

/**
 * Waits for a change of the key after `revision` for which `matters` (given the create revision, or undefined
 * for a deletion) holds; true when it came. False when the history is gone, or the watch ended: read anew.
 */
async function untilChanged(
  coordinator: Coordinator,
  key: string,
  revision: bigint,
  signal: AbortSignal,
  matters: (createRevision: bigint | undefined) => boolean,
): Promise<boolean> {
  try {
    for await (const batch of coordinator.watch(key, { afterRevision: revision, signal })) {
      for (const change of batch.changes) {
        if (change.key !== key) continue;
        if (matters(change.type === 'put' ? change.createRevision : undefined)) return true;
      }
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
  }
  return false;
}

async function readUntilAnswered(
  coordinator: Coordinator,
  key: string,
  signal: AbortSignal,
): Promise<Snapshot> {
  for (;;) {
    try {
      return await abortable(coordinator.read(key, { signal }), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      await pause(RETRY_MS, signal);
    }
  }
}

/** `read` takes a prefix, so that neighbours of the key may be in the answer. */
function find(snapshot: Snapshot, key: string): KeyValue | undefined {
  return snapshot.entries.find((entry) => entry.key === key);
}
