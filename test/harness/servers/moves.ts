import type { QuorateMember } from './quorate.js';

/** A move of slots, as the API shows it. */
export interface MoveOperation {
  readonly id: string;
  readonly state: string;
  readonly done: string;
  readonly error: string | null;
  readonly pace: string | null;
}

/** Sends one mutation, written as in the API with its input; fails when it is refused, with code and message. */
export async function change(member: QuorateMember, mutation: string): Promise<void> {
  await member.run(`mutation { ${mutation} { userErrors { code message } } }`);
}

/** @param input as in the API: `from: 0, to: 99, targetGroup: 2` */
export async function startMove(member: QuorateMember, input: string): Promise<string> {
  const { moveSlots } = await member.run<{ moveSlots: { operation: MoveOperation } }>(
    `mutation { moveSlots(input: { ${input} }) { operation { id } userErrors { code message } } }`,
  );
  return moveSlots.operation.id;
}

/** The operation as soon as the predicate holds. */
export async function moveUntil(
  member: QuorateMember,
  id: string,
  predicate: (operation: MoveOperation) => boolean,
): Promise<MoveOperation> {
  const events = await member.follow<{ operationProgress: MoveOperation }>(
    'subscription ($id: ID) { operationProgress(id: $id) { id state done error pace } }',
    ({ operationProgress }) => predicate(operationProgress),
    { id },
  );
  return events.at(-1)!.operationProgress;
}

/** The operation once it does not go on by itself any more. */
export function moveOutcome(member: QuorateMember, id: string): Promise<MoveOperation> {
  return moveUntil(member, id, ({ state }) => !['PENDING', 'RUNNING', 'CANCELLING'].includes(state));
}
