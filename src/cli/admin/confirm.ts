import { createInterface } from 'node:readline/promises';
import { FailedError, UsageError } from './exit-status.js';
import { printable } from './table.js';

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
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`${what} Nobody can be asked here; give --yes to do it.`);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await lines.question(printable(`${what} Type "${name}" to go on: `), { signal });
    if (typed.trim() !== name) throw new FailedError('That is something else; nothing was done.');
  } finally {
    lines.close();
  }
}
