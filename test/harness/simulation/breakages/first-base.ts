import type { Coordinator, KeyValue, Transaction } from '../../../../src/coordinator/index.js';
import type { Journal } from '../../../../src/binlog/journal/journal.js';
import {
  compareTerms,
  journalCollections,
  JOURNAL_PREFIX,
  TERMS_KEY,
  type TermRecord,
} from '../../../../src/binlog/replication/records.js';
import { nothingBroken, withMethods, type Breakage } from './breakage.js';

const { terms: history } = journalCollections;

/**
 * Against docs/replication.md, rule 2: a member truncates to the base of the first term that it does not know, not to
 * the smallest of all. The history, of which only what matters to the smallest is kept otherwise, is whole.
 */
export const firstBase: Breakage = {
  ...nothingBroken,
  coordinator: (coordinator, journal) =>
    withMethods(coordinator, {
      commit: async (transaction, options) =>
        coordinator.commit(await whole(coordinator, transaction), options),
      read: async (prefix, options) => {
        const snapshot = await coordinator.read(prefix, options);
        if (prefix !== JOURNAL_PREFIX) return snapshot;
        return { ...snapshot, entries: snapshot.entries.map((entry) => asSeenBy(journal, entry)) };
      },
    }),
};

/** With all terms that there ever were before the new one. */
async function whole(coordinator: Coordinator, transaction: Transaction): Promise<Transaction> {
  const { operations } = transaction;
  if (!operations.some((each) => 'put' in each && each.put === TERMS_KEY)) return transaction;
  const before = await coordinator.get(TERMS_KEY);
  const known = before ? termsOf(before.value) : [];
  return {
    ...transaction,
    operations: operations.map((each) => {
      if (!('put' in each) || each.put !== TERMS_KEY) return each;
      return { ...each, value: valueOf([...known, termsOf(each.value).at(-1)!]) };
    }),
  };
}

function asSeenBy({ term: known }: Journal, entry: KeyValue): KeyValue {
  if (entry.key !== TERMS_KEY) return entry;
  const terms = termsOf(entry.value);
  const newer = terms.filter((term) => known === null || compareTerms(term, known) > 0);
  const [first, newest] = [newer[0], newer.at(-1)];
  if (!first || !newest) return entry;
  const older = terms.filter((term) => !newer.includes(term));
  return { ...entry, value: valueOf([...older, { ...newest, base: first.base }]) };
}

function termsOf(value: string): readonly TermRecord[] {
  return history.decode(TERMS_KEY, value).terms;
}

function valueOf(terms: readonly TermRecord[]): string {
  return history.encode({ terms: [...terms], forgotten: null });
}
