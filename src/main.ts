#!/usr/bin/env node
import { CommanderError } from 'commander';
import { programFor } from './cli/program.js';
import { QuorateError } from './common/errors.js';

const FAILED_STATUS = 1;
const USAGE_STATUS = 2;

/** Of a member that the cluster has taken out: whoever starts it again by itself need not try. */
const REMOVED_STATUS = 5;

try {
  const program = await programFor(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong, or was only asked for help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS;
  else process.exitCode = printFailure(error);
}

/** What we raised ourselves is for the operator; a stack would only hide it. Anything else is a defect. */
function printFailure(error: unknown): number {
  const isOurs = error instanceof QuorateError;
  process.stderr.write(`quorate: ${isOurs ? error.message : ((error as Error).stack ?? String(error))}\n`);
  return isOurs && error.code === 'MEMBER_REMOVED' ? REMOVED_STATUS : FAILED_STATUS;
}
