import { join } from 'node:path';
import { emptyGtidSet, parseGtidSet, type Flavour, type GtidSet } from '../protocol/gtid/gtid-set.js';
import type { Disk } from './disk.js';
import { readSealedJson, replaceFile, sealJson } from './files.js';
import { JournalDamageError } from './journal-error.js';

const FILE = 'journal.state';

/** Who may append: the leader's epoch, its count of new starts, and where it began. */
export interface Term {
  readonly epoch: string;
  readonly generation: number;
  /** The offset at which the term began. */
  readonly base: number;
}

/** What a journal remembers beside its segments. */
export interface JournalState {
  readonly flavour: Flavour;
  /** The offset of the first segment's first byte. */
  readonly startOffset: number;
  /** The number of the first segment, there already or not. */
  readonly firstSegment: number;
  /** All transactions before the first segment. */
  readonly purged: GtidSet;
  readonly term: Term | null;
  /** The name of this journal among those that the cluster has had; null: the first. */
  readonly incarnation: string | null;
}

/** What is in the file, with the set as its text. */
interface Stored extends Omit<JournalState, 'purged' | 'flavour' | 'incarnation'> {
  readonly flavour: Flavour | null;
  /** Older versions wrote none. */
  readonly incarnation?: string | null;
  readonly purged: string;
}

/** Null before `begin`, except for a term. */
export interface LoadedState {
  readonly state: JournalState | null;
  readonly term: Term | null;
}

/** @throws JournalDamageError when the file is not as it was written */
export async function loadState(disk: Disk, directory: string): Promise<LoadedState> {
  const path = join(directory, FILE);
  const stored = (await readSealedJson(disk, path)) as Stored | null | undefined;
  if (stored === undefined) throw new JournalDamageError(path, null, 'its checksum is wrong');
  if (stored === null) return { state: null, term: null };
  const { flavour, purged, incarnation = null, ...rest } = stored;
  if (flavour === null) return { state: null, term: stored.term };
  const set = purged === '' ? emptyGtidSet(flavour) : parseGtidSet(flavour, purged);
  return { state: { ...rest, flavour, purged: set, incarnation }, term: stored.term };
}

export async function saveState(disk: Disk, directory: string, state: JournalState): Promise<void> {
  const stored: Stored = { ...state, purged: String(state.purged) };
  await replaceFile(disk, join(directory, FILE), sealJson(stored));
}

/** A term may be known before anything else is. */
export async function saveTermOnly(disk: Disk, directory: string, term: Term): Promise<void> {
  const stored: Stored = { flavour: null, startOffset: 0, firstSegment: 1, purged: '', term };
  await replaceFile(disk, join(directory, FILE), sealJson(stored));
}
