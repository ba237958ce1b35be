import { checkSource, type FollowerState } from './source-checks.js';
import { hasSameHistory } from './same-history.js';
import type { SourceConnection } from './source-connection.js';
import type { SourceOptions } from './source-options.js';
import type { SourcePosition } from './source-position.js';
import { serverOf, type SourceState } from './source-state.js';

export interface Examined {
  /** What works, but may surprise. */
  readonly warnings: string[];
  /** Where the journal goes on in this source's files; null when that is not known. */
  readonly resume: SourcePosition | null;
  /**
   * The same, of a MariaDB source whose numbers may go back and that still has there what the journal has: it is asked from there,
   * for a number does not tell what is lacking.
   */
  readonly from: SourcePosition | null;
}

/** The command that asks from a position has no room for more. */
const MAX_POSITION = 2 ** 32 - 1;

/**
 * Checks whether a source can be followed, from what we have, without losing anything.
 *
 * @throws SourceRefusedError that says what is wrong and what to do
 */
export async function examineSource(
  source: SourceConnection,
  state: SourceState,
  us: FollowerState,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Examined> {
  const { journal } = us;
  const resume = us.resume?.server === serverOf(state) ? us.resume : null;
  const isSame =
    resume !== null &&
    journal?.flavour === state.flavour &&
    (await hasSameHistory(source, resume, journal.executed, signal));
  const warnings = checkSource(state, us, options, isSame);
  const isWanted = !state.isStrict || journal?.executed.hasPeaks === true;
  const isPossible = isSame && us.isRefusedThere !== true && resume.position <= MAX_POSITION;
  return { warnings, resume, from: isWanted && isPossible ? resume : null };
}
