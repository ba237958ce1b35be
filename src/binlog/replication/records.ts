import { z } from 'zod';
import { Collection } from '../../cluster/collection.js';

const offset = z.number().int().nonnegative();

/** Who appended from where on: the leader's epoch, and its generation within that. */
export const termRecord = z.object({ epoch: z.string(), generation: z.number().int(), base: offset });
export type TermRecord = z.infer<typeof termRecord>;

/** Oldest first, the bases ascending. Of the terms up to `forgotten` nothing can be told any more. */
export const termHistoryRecord = z.object({
  terms: z.array(termRecord),
  forgotten: termRecord.nullable().default(null),
});
export type TermHistoryRecord = z.infer<typeof termHistoryRecord>;

/** Up to where the journal is committed, and which members have it on disk, by their ids. */
export const commitRecord = z.object({
  epoch: z.string(),
  generation: z.number().int(),
  offset,
  holders: z.array(z.string()),
  /** Where the last transaction ends in the source's files; null when that is not known. */
  source: z.object({ server: z.string(), file: z.string(), position: z.number() }).nullable().default(null),
});
export type CommitRecord = z.infer<typeof commitRecord>;

/** Where the journal begins. */
export const startRecord = z.object({
  flavour: z.enum(['MYSQL', 'MARIADB']),
  offset,
  /** Number of the first segment. */
  segment: z.number().int().positive(),
  /** All transactions before it. */
  purged: z.string(),
  /** The name of the journal among those that the cluster has had; null: the first. No two have the same. */
  incarnation: z.string().nullable().default(null),
});
export type StartRecord = z.infer<typeof startRecord>;

export const JOURNAL_PREFIX = 'journal/';

export const journalCollections = {
  terms: new Collection<TermHistoryRecord>(`${JOURNAL_PREFIX}terms/`, termHistoryRecord),
  commit: new Collection<CommitRecord>(`${JOURNAL_PREFIX}commit/`, commitRecord),
  start: new Collection<StartRecord>(`${JOURNAL_PREFIX}start/`, startRecord),
};

export const TERMS_KEY = journalCollections.terms.key('history');
export const COMMIT_KEY = journalCollections.commit.key('record');
export const START_KEY = journalCollections.start.key('record');

/** The order of terms: by epoch, then by generation. */
export function compareTerms(
  a: Pick<TermRecord, 'epoch' | 'generation'>,
  b: Pick<TermRecord, 'epoch' | 'generation'>,
): number {
  const [one, other] = [BigInt(a.epoch), BigInt(b.epoch)];
  if (one !== other) return one < other ? -1 : 1;
  return a.generation - b.generation;
}
