import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.js';
import type { Run } from './run.js';

const OVER = ['PAUSED', 'SUCCEEDED', 'CANCELLED', 'FAILED'];

/** What operators do to moves while things fail. */
export const OPERATION_FAULTS = {
  cancel: async (run) => {
    for (const { id, state } of run.observer.operations.values()) {
      if (!['PENDING', 'RUNNING', 'PAUSED'].includes(state)) continue;
      await change(run, 'cancelOperation', id);
    }
  },

  pause: async (run, { durationMs }) => {
    for (const { id, state } of run.observer.operations.values()) {
      if (!['PENDING', 'RUNNING', 'CANCELLING'].includes(state)) continue;
      await change(run, 'pauseOperation', id);
    }
    await pause(durationMs);
    await resumePaused(run);
  },
} satisfies Record<string, Fault>;

/** Whether no move goes on. */
export function isOver(run: Run): boolean {
  return [...run.observer.operations.values()].every(({ state }) => OVER.includes(state));
}

export async function resumePaused(run: Run): Promise<void> {
  for (const { id, state } of run.observer.operations.values()) {
    if (state === 'PAUSED') await change(run, 'resumeOperation', id);
  }
}

type OperationChange = 'cancelOperation' | 'pauseOperation' | 'resumeOperation';

/** A refusal is no finding: the operation may have ended or changed its state meanwhile. */
export async function change(run: Run, mutation: OperationChange, id: string): Promise<void> {
  const data = await run.cluster.ask<Record<string, { userErrors: { message: string }[] }>>(
    `mutation ($id: ID!) { ${mutation}(input: { id: $id }) { userErrors { message } } }`,
    { id },
  );
  const refusals = data[mutation]!.userErrors.map(({ message }) => message).join('; ');
  run.note(`${mutation} ${id}${refusals === '' ? '' : `: ${refusals}`}`);
}
