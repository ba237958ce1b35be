import type { GtidSet } from '../../binlog/protocol/gtid/gtid-set.js';
import type { Services } from '../context.js';

/** The GTIDs that the journal of the answering member has executed; null without one, and before it has begun. */
export function presentGtids({ journal }: Services['binlog']) {
  return {
    currentGtid: journal?.lastGtid ?? null,
    executedGtidSet: text(journal?.executedGtidSet),
    purgedGtidSet: text(journal?.purgedGtidSet),
  };
}

function text(set: GtidSet | null | undefined): string | null {
  return set ? String(set) : null;
}
