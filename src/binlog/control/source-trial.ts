import { formatAddress } from '../../common/address.js';
import { errorMessage } from '../../common/errors.js';
import { refuse, RefusedError } from '../../common/refused.js';
import { withoutSecret } from '../../common/without-secret.js';
import { emptyGtidSet, flavourOf } from '../protocol/gtid/gtid-set.js';
import { examineSource } from '../syncer/examine-source.js';
import { probeDump } from '../syncer/probe-dump.js';
import type { FollowerState } from '../syncer/source-checks.js';
import { SourceConnection } from '../syncer/source-connection.js';
import { SourceRefusedError } from '../syncer/source-error.js';
import type { SourceOptions } from '../syncer/source-options.js';
import { readSourceState, type SourceState } from '../syncer/source-state.js';

/** How long a source may take to answer all that it is asked, in milliseconds. */
const TRIAL_MS = 10_000;

/**
 * Logs in at a source and checks whether it can be followed, without following it. What is wrong becomes a refusal:
 * SOURCE_REFUSED, or SOURCE_UNAVAILABLE when the source could not be asked.
 */
export async function trySource(options: SourceOptions, us: FollowerState): Promise<SourceState> {
  return ask(options, async (source, state, signal) => {
    await check(source, state, us, options, signal);
    return state;
  });
}

async function check(
  source: SourceConnection,
  state: SourceState,
  us: FollowerState,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<void> {
  if (us.startAfter !== null && flavourOf(us.startAfter) !== state.flavour) {
    const message = `The source ${formatAddress(options.address)} is of the other flavour than the set to start after.`;
    refuse('SOURCE_REFUSED', 'startAfterGtidSet', message);
  }
  await examineSource(source, state, us, options, signal);
  if (state.files !== null || us.journal !== null || us.startAfter !== null) return;
  const { serverId, serverUuid } = us;
  const executed = emptyGtidSet(state.flavour);
  const identity = { serverId, serverUuid, heartbeatMs: TRIAL_MS, isSemiSync: false, executed, from: null };
  // What it has purged a MySQL source tells everybody.
  if (state.purged === null) await probeDump(source, state, identity, options.user, signal);
}

async function ask<T>(
  options: SourceOptions,
  look: (source: SourceConnection, state: SourceState, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(TRIAL_MS);
  try {
    const source = await SourceConnection.open(options, signal);
    try {
      return await look(source, await readSourceState(source, signal), signal);
    } finally {
      source.destroy();
    }
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    if (!signal.aborted) throw refusal(error, options);
    const late = `The source ${formatAddress(options.address)} has not answered within ${TRIAL_MS / 1_000} s.`;
    return refuse('SOURCE_UNAVAILABLE', 'sourceAddress', late, { cause: error });
  }
}

function refusal(error: unknown, options: SourceOptions): never {
  const message = withoutSecret(errorMessage(error), options.password);
  const code = error instanceof SourceRefusedError ? 'SOURCE_REFUSED' : 'SOURCE_UNAVAILABLE';
  return refuse(code, 'sourceAddress', message, { cause: error });
}
