import { FailedError, UsageError } from './exit-status.js';
import { ask, canAsk } from './prompt.js';

export interface Question {
  /** What would be done, e.g. `This removes group 3.` */
  readonly what: string;
  /** What has to be typed. */
  readonly name: string;
  readonly yes: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Goes on only when somebody has typed the name, or the command was given --yes. */
export async function confirm({ what, name, yes, signal }: Question): Promise<void> {
  if (yes === true) return;
  if (!canAsk()) throw new UsageError(`${what} Nobody can be asked here; give --yes to do it.`);
  const typed = await ask(`${what} Type "${name}" to go on: `, false, signal);
  if (typed.trim() !== name) throw new FailedError('That is something else; nothing was done.');
}
