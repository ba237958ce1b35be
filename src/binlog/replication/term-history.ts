import { compareTerms, type TermHistoryRecord, type TermRecord } from './records.js';

/** So many terms are remembered; a member that knows only older ones starts over. */
const MAX_TERMS = 200;

export const NO_TERMS: TermHistoryRecord = { terms: [], forgotten: null };

/**
 * The history with a newer term. A member takes the smallest base of all terms that it does not know: a term whose
 * successor has no larger base changes nothing about that and is left out. So the history grows only as the journal does.
 */
export function withTerm(history: TermHistoryRecord, term: TermRecord): TermHistoryRecord {
  const terms = history.terms.filter(({ base }) => base < term.base);
  terms.push(term);
  if (terms.length <= MAX_TERMS) return { terms, forgotten: history.forgotten };
  const [oldest, ...rest] = terms;
  return { terms: rest, forgotten: oldest! };
}

/** Whether a member that knows this term cannot tell from the history what of its journal is the cluster's. */
export function isOlderThan(term: TermRecord | null, { forgotten }: TermHistoryRecord): boolean {
  return forgotten !== null && (term === null || compareTerms(term, forgotten) < 0);
}

/**
 * docs/replication.md, rule 2: down to where a member truncates that knows this term; null when it has nothing to
 * truncate or learn.
 */
export function smallestNewBase(
  term: TermRecord | null,
  { terms }: TermHistoryRecord,
): { readonly base: number; readonly newest: TermRecord } | null {
  const newer = term === null ? terms : terms.filter((each) => compareTerms(each, term) > 0);
  const newest = newer.at(-1);
  return newest ? { base: Math.min(...newer.map(({ base }) => base)), newest } : null;
}
