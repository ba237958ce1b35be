import { formatAddress } from '../../common/address.js';
import { errorMessage } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import { withoutSecret } from '../../common/without-secret.js';
import { GtidSetError } from '../protocol/gtid/gtid-set-error.js';
import { checkSource, type FollowerState } from '../syncer/source-checks.js';
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
  const signal = AbortSignal.timeout(TRIAL_MS);
  try {
    const source = await SourceConnection.open(options, signal);
    try {
      const state = await readSourceState(source, signal);
      checkSource(state, us, options);
      return state;
    } finally {
      source.destroy();
    }
  } catch (error) {
    throw refusal(error, options, signal);
  }
}

function refusal(error: unknown, options: SourceOptions, signal: AbortSignal): never {
  const source = formatAddress(options.address);
  const message = withoutSecret(errorMessage(error), options.password);
  const details = { cause: error };
  if (error instanceof SourceRefusedError) refuse('SOURCE_REFUSED', 'input.sourceAddress', message, details);
  if (error instanceof GtidSetError) {
    const mixed = `The source ${source} is of the other flavour than the set to start after.`;
    refuse('SOURCE_REFUSED', 'input.startAfterGtidSet', mixed, details);
  }
  const late = `The source ${source} has not answered within ${TRIAL_MS / 1_000} s.`;
  refuse('SOURCE_UNAVAILABLE', 'input.sourceAddress', signal.aborted ? late : message, details);
}
