import type { Coordinator } from '../../coordinator/types.js';
import {
  COMMIT_KEY,
  JOURNAL_PREFIX,
  journalCollections,
  START_KEY,
  TERMS_KEY,
  type CommitRecord,
  type StartRecord,
  type TermHistoryRecord,
} from './records.js';
import { NO_TERMS } from './term-history.js';

/** What the coordinator says about the journal, at one revision; 0n as revision of what is not there. */
export interface JournalRecords {
  readonly history: TermHistoryRecord;
  readonly termsRevision: bigint;
  readonly commit: CommitRecord | null;
  readonly commitRevision: bigint;
  readonly start: StartRecord | null;
  readonly startRevision: bigint;
}

export async function readJournalRecords(
  coordinator: Coordinator,
  signal: AbortSignal,
): Promise<JournalRecords> {
  const { entries } = await coordinator.read(JOURNAL_PREFIX, { signal });
  const find = (key: string): { value: string; modRevision: bigint } | undefined =>
    entries.find((entry) => entry.key === key);
  const [terms, commit, start] = [find(TERMS_KEY), find(COMMIT_KEY), find(START_KEY)];
  return {
    history: terms ? journalCollections.terms.decode(TERMS_KEY, terms.value) : NO_TERMS,
    termsRevision: terms?.modRevision ?? 0n,
    commit: commit ? journalCollections.commit.decode(COMMIT_KEY, commit.value) : null,
    commitRevision: commit?.modRevision ?? 0n,
    start: start ? journalCollections.start.decode(START_KEY, start.value) : null,
    startRevision: start?.modRevision ?? 0n,
  };
}
