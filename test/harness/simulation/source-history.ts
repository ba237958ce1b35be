import { buildArtificialRotate } from '../../../src/binlog/protocol/event/rotate.js';
import { addGtid } from '../../../src/binlog/protocol/gtid/gtid-run.js';
import { emptyGtidSet, type Flavour } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { RandomSource, type Transaction } from '../binlog/history.js';
import type { Random } from '../random.js';

/** Of a source: a file of its binlog. */
export interface SourceFile {
  readonly name: string;
  /** The ROTATE and the FORMAT_DESCRIPTION event with which a dump of it begins. */
  readonly head: Buffer;
}

export interface SourceTransaction extends Transaction {
  readonly file: SourceFile;
}

/** Everything that a source will ever have written, in its order. */
export class SourceHistory {
  readonly transactions: SourceTransaction[] = [];
  readonly flavour: Flavour;
  /** The text of the set of the first n transactions, by n. */
  private readonly sets: string[] = [];
  private readonly counts = new Map<string, number>();

  constructor(random: Random, count: number) {
    this.flavour = random.pick(['MYSQL', 'MARIADB']);
    const source = new RandomSource(this.flavour, random);
    let file = this.newFile(source, 1);
    const set = emptyGtidSet(this.flavour);
    this.note(String(set));
    for (let i = 0; i < count; i++) {
      if (i > 0 && random.below(8) === 0) file = this.newFile(source, i + 1);
      const rowBytes = random.pick([0, 10, 40, 40, 200, 200, 700, 3_000]);
      const transaction = source.transaction(rowBytes);
      this.transactions.push({ ...transaction, file });
      addGtid(set, transaction.source, transaction.number);
      this.note(String(set));
    }
  }

  /** All of the first `count` transactions, as text. */
  setOf(count: number): string {
    return this.sets[count]!;
  }

  /** Of how many first transactions a set is; undefined when it is another one. */
  countOf(set: string): number | undefined {
    return this.counts.get(set);
  }

  private note(set: string): void {
    this.counts.set(set, this.sets.length);
    this.sets.push(set);
  }

  private newFile({ builder }: RandomSource, number: number): SourceFile {
    const name = `source.${String(number).padStart(6, '0')}`;
    const rotate = buildArtificialRotate({ file: name, position: 4 }, 1001, true);
    return { name, head: Buffer.concat([rotate, builder.format()]) };
  }
}
