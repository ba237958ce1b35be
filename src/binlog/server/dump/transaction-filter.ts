import { BIG, type Source } from '../../protocol/gtid/gtid-run.js';
import { differenceOf, type GtidSet } from '../../protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../../protocol/gtid/mariadb-gtid-set.js';
import type { MysqlGtidSet } from '../../protocol/gtid/mysql-gtid-set.js';

/** Tells which transactions a client has already. Asked once for each, in their order. */
export interface TransactionFilter {
  /** @param big the number when `number` is BIG */
  has(source: Source, number: number, big: bigint): boolean;
  /** Whether nothing that comes from now on is one that it has. */
  readonly isDone: boolean;
}

/**
 * @param has what the client has
 * @param before what stands before the place where the dump begins
 * @param executed all that there is
 * @param skipsTagged whether it takes those with a tag for its own
 * @returns null when none is to be left out
 */
export function createFilter(
  has: GtidSet,
  before: GtidSet,
  executed: GtidSet,
  skipsTagged: boolean,
): TransactionFilter | null {
  if (has instanceof MariadbGtidSet) {
    const filter = new PositionFilter(has, before as MariadbGtidSet, executed as MariadbGtidSet);
    return filter.isDone ? null : filter;
  }
  const ahead = differenceOf(has, before) as MysqlGtidSet;
  return ahead.isEmpty && !skipsTagged ? null : new SetFilter(ahead, skipsTagged);
}

/** MySQL: by the set. A client may be ahead of us, so it is never certain that nothing of it comes any more. */
class SetFilter implements TransactionFilter {
  private left: bigint;

  constructor(
    private readonly set: MysqlGtidSet,
    private readonly skipsTagged: boolean,
  ) {
    this.left = set.count;
  }

  get isDone(): boolean {
    return this.left === 0n && !this.skipsTagged;
  }

  has(source: Source, number: number, big: bigint): boolean {
    if ('domain' in source) return false;
    if (this.skipsTagged && source.tag !== '') return true;
    if (!this.set.has(source, number === BIG ? big : BigInt(number))) return false;
    this.left--;
    return true;
  }
}

/** MariaDB: in each domain that we have, everything up to the client's GTID, which must come. */
class PositionFilter implements TransactionFilter {
  private readonly targets = new Map<number, { readonly server: number; readonly sequence: bigint }>();

  constructor(position: MariadbGtidSet, before: MariadbGtidSet, executed: MariadbGtidSet) {
    for (const gtid of position.position().entries())
      if (executed.has(gtid) && !before.has(gtid)) this.targets.set(gtid.domain, gtid);
  }

  get isDone(): boolean {
    return this.targets.size === 0;
  }

  has(source: Source, number: number, big: bigint): boolean {
    if (!('domain' in source)) return false;
    const target = this.targets.get(source.domain);
    if (!target) return false;
    const sequence = number === BIG ? big : BigInt(number);
    if (source.server === target.server && sequence >= target.sequence) {
      this.targets.delete(source.domain);
      // Should the very one be missing, what comes behind it is not to be left out.
      return sequence === target.sequence;
    }
    return true;
  }
}
