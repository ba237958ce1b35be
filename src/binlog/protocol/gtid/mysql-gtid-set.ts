import { GtidSetError } from './gtid-set-error.js';
import { IntervalSet } from './interval-set.js';

/** The largest transaction number is one less (MySQL: GNO_END). */
export const GNO_END = 2n ** 63n - 1n;

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/i;
const INTERVAL = /^(\d{1,19})(?:-(\d{1,19}))?$/;

/** Who numbered some transactions: a server, and since MySQL 8.3 optionally a tag. */
export interface GtidSource {
  /** In small letters, with dashes. */
  readonly uuid: string;
  /** In small letters; empty without one. */
  readonly tag: string;
}

/**
 * A set of MySQL's GTIDs, `UUID[:TAG]:NUMBER`. Printed and encoded in the order of uuids, then of tags, the
 * transactions without a tag first, as the servers do.
 */
export class MysqlGtidSet {
  private readonly bySource = new Map<string, IntervalSet>();

  /**
   * Reads the text of `@@gtid_executed` and the like. Blanks and line ends may stand between all parts, as servers
   * and dumps put them there; a leading `+`, with which a dump adds to `gtid_purged`, is allowed.
   *
   * @throws GtidSetError when it is no such text
   */
  static parse(text: string): MysqlGtidSet {
    const set = new MysqlGtidSet();
    for (const part of text.trim().replace(/^\+/, '').split(',')) {
      const [uuid = '', ...rest] = part.split(':').map((piece) => piece.trim());
      if (uuid === '' && rest.length === 0) continue;
      if (!UUID.test(uuid)) throw malformed(text, `'${excerpt(uuid)}' is no UUID`);
      if (rest.length === 0) throw malformed(text, `there is no transaction number behind ${uuid}`);
      set.parseNumbers(text, normalizeUuid(uuid), rest);
    }
    return set;
  }

  /** Numbers of MySQL are a set: their order tells nothing. */
  get hasPeaks(): boolean {
    return false;
  }

  get isEmpty(): boolean {
    return this.bySource.size === 0;
  }

  /** How many transactions there are. */
  get count(): bigint {
    return [...this.bySource.values()].reduce((sum, numbers) => sum + numbers.count, 0n);
  }

  has({ uuid, tag }: GtidSource, gno: bigint): boolean {
    return this.bySource.get(keyOf(uuid, tag))?.has(gno) ?? false;
  }

  /** Whether it has all that the other has. */
  contains(other: MysqlGtidSet): boolean {
    return [...other.bySource].every(([key, numbers]) => this.bySource.get(key)?.contains(numbers) ?? false);
  }

  equals(other: MysqlGtidSet): boolean {
    return this.contains(other) && other.contains(this);
  }

  /** Adds the transactions `[start, end)`; there must be some. */
  add({ uuid, tag }: GtidSource, start: bigint, end: bigint = start + 1n): void {
    const key = keyOf(uuid, tag);
    let numbers = this.bySource.get(key);
    if (!numbers) this.bySource.set(key, (numbers = new IntervalSet()));
    numbers.add(start, end);
  }

  union(other: MysqlGtidSet): MysqlGtidSet {
    const result = this.clone();
    for (const [key, numbers] of other.bySource) {
      const own = result.bySource.get(key);
      if (own) own.addAll(numbers);
      else result.bySource.set(key, numbers.clone());
    }
    return result;
  }

  subtract(other: MysqlGtidSet): MysqlGtidSet {
    const result = this.clone();
    for (const [key, numbers] of other.bySource) {
      const own = result.bySource.get(key);
      own?.removeAll(numbers);
      if (own?.length === 0) result.bySource.delete(key);
    }
    return result;
  }

  /** The part that one server has numbered, with all its tags. */
  ofServer(uuid: string): MysqlGtidSet {
    const result = new MysqlGtidSet();
    for (const [key, numbers] of this.bySource)
      if (sourceOf(key).uuid === uuid) result.bySource.set(key, numbers.clone());
    return result;
  }

  clone(): MysqlGtidSet {
    const copy = new MysqlGtidSet();
    for (const [key, numbers] of this.bySource) copy.bySource.set(key, numbers.clone());
    return copy;
  }

  /** In the order of printing. */
  entries(): [source: GtidSource, numbers: IntervalSet][] {
    const keys = [...this.bySource.keys()].sort();
    return keys.map((key) => [sourceOf(key), this.bySource.get(key)!]);
  }

  toString(): string {
    let text = '';
    let previous = '';
    for (const [{ uuid, tag }, numbers] of this.entries()) {
      if (uuid !== previous) text += `${text === '' ? '' : ','}${uuid}`;
      if (tag !== '') text += `:${tag}`;
      for (let i = 0; i < numbers.length; i++) {
        const [first, last] = [numbers.startAt(i), numbers.endAt(i) - 1n];
        text += first === last ? `:${first}` : `:${first}-${last}`;
      }
      previous = uuid;
    }
    return text;
  }

  private parseNumbers(text: string, uuid: string, pieces: readonly string[]): void {
    let tag = '';
    let isTagUsed = true;
    for (const piece of pieces) {
      const interval = INTERVAL.exec(piece);
      if (interval) {
        const start = BigInt(interval[1]!);
        const last = BigInt(interval[2] ?? interval[1]!);
        if (start < 1n || last < start || last >= GNO_END)
          throw malformed(text, `'${piece}' is no range of transaction numbers`);
        this.add({ uuid, tag }, start, last + 1n);
        isTagUsed = true;
      } else if (TAG.test(piece) && isTagUsed) {
        tag = piece.toLowerCase();
        isTagUsed = false;
      } else {
        throw malformed(text, `'${excerpt(piece)}' is neither a range of transaction numbers nor a tag`);
      }
    }
    if (!isTagUsed) throw malformed(text, `there is no transaction number behind the tag ${tag}`);
  }
}

/** A blank sorts before everything that a uuid or a tag may hold. */
function keyOf(uuid: string, tag: string): string {
  return tag === '' ? uuid : `${uuid} ${tag}`;
}

function sourceOf(key: string): GtidSource {
  const [uuid = '', tag = ''] = key.split(' ');
  return { uuid, tag };
}

function normalizeUuid(uuid: string): string {
  const digits = uuid.toLowerCase().replaceAll('-', '');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function malformed(text: string, why: string): GtidSetError {
  return new GtidSetError(`'${excerpt(text)}' is no set of GTIDs: ${why}.`);
}

function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
