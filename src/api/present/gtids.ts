import type { Services } from '../context.js';

/** What the journal of the answering member has executed; empty without one. */
export function presentGtids({ store: { journal } }: Services['binlog']) {
  return {
    currentGtid: journal?.lastGtid ?? null,
    executedGtidSet: String(journal?.executedGtidSet ?? ''),
    purgedGtidSet: String(journal?.purgedGtidSet ?? ''),
  };
}
