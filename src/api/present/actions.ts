import type { Action as ActionRecord } from '../../cluster/feed.js';
import { collections } from '../../cluster/records.js';
import type { Services } from '../context.js';
import { Action } from '../types/feed.js';

export function presentAction(record: ActionRecord, services: Services): Action {
  const { value } = record;
  return Object.assign(new Action(), {
    id: record.id,
    revision: record.createRevision,
    type: value.type,
    description: value.description,
    actor: value.actor,
    at: new Date(value.at),
    target: value.target,
    receivers: value.receivers.map((proxy) => {
      const receipt = services.view.get(collections.receipts, `${record.id}/${proxy}`)?.value;
      return { proxy, confirmedAt: receipt ? new Date(receipt.confirmedAt) : null };
    }),
  } satisfies Action);
}
