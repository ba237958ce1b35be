import { BIG, GtidRun, type Source } from '../protocol/gtid/gtid-run.js';
import type { GtidSet } from '../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';

/**
 * Tells whether a transaction has come before. The usual one, with a number above all of its source, takes no look at
 * the set.
 */
export class ExecutedNumbers {
  private readonly run: GtidRun;
  private readonly highest = new Map<Source, number>();

  constructor(set: GtidSet) {
    this.run = new GtidRun(set.clone());
  }

  all(): GtidSet {
    return this.run.flush();
  }

  /** @param big the number when `number` is BIG */
  has(source: Source, number: number, big: bigint): boolean {
    const highest = this.highest.get(source);
    if (highest !== undefined && number > highest) return false;
    const set = this.run.flush();
    const sequence = number === BIG ? big : BigInt(number);
    if ('domain' in source) return set instanceof MariadbGtidSet && set.has({ ...source, sequence });
    return !(set instanceof MariadbGtidSet) && set.has(source, sequence);
  }

  add(source: Source, number: number, big: bigint): void {
    this.run.add(source, number, big);
    if (number > (this.highest.get(source) ?? Infinity)) this.highest.set(source, number);
    else if (!this.highest.has(source)) this.highest.set(source, this.knownHighest(source, number));
  }

  /** The highest number of what there was before the first one of that source came. */
  private knownHighest(source: Source, number: number): number {
    const set = this.run.flush();
    if ('domain' in source) {
      const last = set instanceof MariadbGtidSet ? set.highest(source.domain, source.server) : undefined;
      return Math.max(number, Number(last ?? 0n));
    }
    if (set instanceof MariadbGtidSet) return number;
    const numbers = set.entries().find(([{ uuid, tag }]) => uuid === source.uuid && tag === source.tag)?.[1];
    return numbers ? Math.max(number, Number(numbers.endAt(numbers.length - 1) - 1n)) : number;
  }
}
