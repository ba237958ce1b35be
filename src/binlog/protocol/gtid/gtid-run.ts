import type { MariadbGtidSet } from './mariadb-gtid-set.js';
import type { MysqlGtidSet } from './mysql-gtid-set.js';
import { type GtidSource } from './mysql-gtid-set.js';
import type { GtidSet } from './gtid-set.js';

/** Who numbered a transaction of MariaDB. */
export interface MariadbSource {
  readonly domain: number;
  readonly server: number;
}

/** Who numbered a transaction, of either flavour. The same source is the same object, as far as one reader goes. */
export type Source = GtidSource | MariadbSource;

/** Instead of a number that a double does not hold exactly. */
export const BIG = -1;

/** Adds one transaction to a set of its flavour. */
export function addGtid(set: GtidSet, source: Source, number: bigint): void {
  addRange(set, source, number, number);
}

/** As a server prints it. */
export function gtidText(source: Source, number: bigint): string {
  if ('domain' in source) return `${source.domain}-${source.server}-${number}`;
  return source.tag === '' ? `${source.uuid}:${number}` : `${source.uuid}:${source.tag}:${number}`;
}

/**
 * Collects transactions on their way into a set: those of one source with rising numbers cost no allocation, and
 * reach the set together.
 */
export class GtidRun {
  private source: Source | null = null;
  private first = 0;
  private last = 0;

  constructor(private readonly set: GtidSet) {}

  /** @param big the number when `number` is BIG */
  add(source: Source, number: number, big: bigint): void {
    if (number === BIG) {
      this.flush();
      addGtid(this.set, source, big);
    } else if (source === this.source && number === this.last + 1) {
      this.last = number;
    } else {
      this.flush();
      this.source = source;
      this.first = this.last = number;
    }
  }

  /** The set, with all that was added. */
  flush(): GtidSet {
    if (this.source !== null) addRange(this.set, this.source, BigInt(this.first), BigInt(this.last));
    this.source = null;
    return this.set;
  }
}

function addRange(set: GtidSet, source: Source, first: bigint, last: bigint): void {
  if ('domain' in source) (set as MariadbGtidSet).update(source.domain, source.server, last);
  else (set as MysqlGtidSet).add(source, first, last + 1n);
}
