import type { WriteOperation } from '../coordinator/types.js';
import { collections, type ActionRecord, type ActionType } from './records.js';

/** What goes into the feed; the rest of the record is filled in when it is written. */
export interface ActionDraft {
  readonly type: ActionType;
  readonly description: string;
  readonly target: string;
  readonly actor: string;
  /** Proxies that are to confirm it; none when proxies need not know. */
  readonly receivers?: readonly string[];
}

/** The part of a transaction that enters it into the feed. */
export function actionWrite(id: string, draft: ActionDraft, proposedBy: string): WriteOperation {
  const { receivers = [], ...action } = draft;
  const record: ActionRecord = {
    ...action,
    at: new Date().toISOString(),
    receivers: [...receivers],
    proposedBy,
  };
  return { put: collections.actions.key(id), value: collections.actions.encode(record) };
}
