import { randomUUID } from 'node:crypto';
import type { WriteOperation } from '../../coordinator/types.js';
import { putOperation } from '../operations.js';
import type { OperationRecord } from '../records.js';

/** The operation by which everybody sees how a member joins. */
export function joinOperation(name: string, actor: string): { id: string; write: WriteOperation } {
  const id = randomUUID();
  const record: OperationRecord = {
    ...{ kind: 'JOIN_MEMBER', state: 'RUNNING', title: `Member ${name} joins`, done: 0, total: null },
    ...{ unit: 'bytes', rate: null, error: null, returning: false, startedBy: actor, finishedAt: null },
    startedAt: new Date().toISOString(),
  };
  return { id, write: putOperation(id, record) };
}

/** What is left of it when it is over. */
export function endedJoin(
  record: OperationRecord,
  outcome: Pick<OperationRecord, 'state' | 'error'>,
): OperationRecord {
  return { ...record, ...outcome, rate: null, finishedAt: new Date().toISOString() };
}
