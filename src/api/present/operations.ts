import { isCancellable, type Operation as OperationRecord } from '../../cluster/operations.js';
import type { Proposed } from '../../cluster/proposals.js';
import type { Services } from '../context.js';
import { Operation } from '../types/feed.js';
import type { OperationChange } from '../types/payloads/operations.js';
import { presentChange } from './payload.js';

export function presentOperation(record: OperationRecord): Operation {
  const { value } = record;
  const left = value.total === null ? null : Math.max(0, value.total - value.done);
  return Object.assign(new Operation(), {
    id: record.id,
    kind: value.kind,
    state: value.state,
    title: value.title,
    done: BigInt(value.done),
    total: value.total === null ? null : BigInt(value.total),
    unit: value.unit,
    rate: value.rate,
    pace: value.pace ?? null,
    etaSeconds: left === null || !value.rate ? null : left / value.rate,
    error: value.error,
    startedBy: value.startedBy,
    startedAt: new Date(value.startedAt),
    finishedAt: value.finishedAt === null ? null : new Date(value.finishedAt),
    direction: value.returning ? 'BACK' : 'FORWARD',
    cancellable: isCancellable(value),
    revision: record.revision,
  } satisfies Operation);
}

/** Null when there is none of that id. */
export function presentOperationId(id: string, services: Services): Operation | null {
  const record = services.operations.get(id);
  return record ? presentOperation(record) : null;
}

export function presentOperationChange(
  proposed: Proposed | null,
  id: string,
  services: Services,
): OperationChange {
  return presentChange(proposed, { operation: presentOperationId(id, services) });
}
