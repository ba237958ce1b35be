import type { FlavourName } from '../flavours/flavour.js';
import type { Random } from '../../../random.js';
import { columnsOf } from './columns.js';
import { Ddl } from './ddl.js';
import { createTable, PLAIN, Rows } from './rows.js';
import { bigBytes } from './values.js';

/**
 * The transactions of one connection, each a text of one or more statements. They depend on the seed alone, and
 * touch only tables of the connection's own database, so the tables end up the same whatever others do.
 */
export class Transactions {
  private readonly plain: Rows;
  private readonly types: Rows;
  private readonly noKey: Rows;
  private readonly myisam: Rows;
  private readonly ddl: Ddl;
  private branches = 0;
  private bigRows = 0;
  private readonly kinds: readonly (() => string)[];

  /**
   * @param name unique on the server: names XA branches
   * @param isCrashSafe only such that a replica has whole or not at all when it is killed
   */
  constructor(
    private readonly flavour: FlavourName,
    private readonly name: string,
    private readonly random: Random,
    isCrashSafe: boolean,
  ) {
    this.plain = new Rows('plain', PLAIN, random);
    this.types = new Rows('types', columnsOf(flavour), random);
    this.noKey = new Rows('no_key', PLAIN, random);
    this.myisam = new Rows('myisam', PLAIN, random);
    this.ddl = new Ddl(flavour, 'plain', random);
    this.kinds = this.weigh([
      [90, () => this.several()],
      [40, () => transaction(this.types.change())],
      [10, () => transaction(this.noKey.change())],
      [isCrashSafe ? 0 : 20, () => this.myisam.change()],
      [12, () => this.savepoint()],
      [5, () => this.rolledBack()],
      [isCrashSafe ? 0 : 10, () => this.xa()],
      [isCrashSafe ? 0 : 2, () => this.ddl.next()],
      [1, () => this.bigRow()],
    ]);
  }

  /** What makes the tables, in an empty database. */
  preparation(): string[] {
    return [
      createTable('plain', ' PRIMARY KEY', PLAIN, 'ENGINE=InnoDB'),
      createTable('types', ' PRIMARY KEY', columnsOf(this.flavour), 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC'),
      createTable('no_key', '', PLAIN, 'ENGINE=InnoDB'),
      createTable('myisam', ' PRIMARY KEY', PLAIN, 'ENGINE=MyISAM'),
      'CREATE TABLE big (id INT NOT NULL PRIMARY KEY, data LONGBLOB) ENGINE=InnoDB ROW_FORMAT=DYNAMIC',
    ];
  }

  next(): string {
    return this.random.pick(this.kinds)();
  }

  private several(): string {
    return transaction(...Array.from({ length: this.random.between(1, 4) }, () => this.plain.change()));
  }

  private savepoint(): string {
    return transaction(
      this.plain.change(),
      'SAVEPOINT one',
      this.plain.insert(),
      'SAVEPOINT two',
      this.types.insert(),
      `ROLLBACK TO ${this.random.pick(['one', 'two'])}`,
      this.plain.change(),
    );
  }

  private rolledBack(): string {
    return `BEGIN; ${this.plain.insert()}; ${this.types.insert()}; ROLLBACK`;
  }

  private xa(): string {
    const id = `'${this.name}-${++this.branches}'`;
    const work = `XA START ${id}; ${this.plain.insert()}; XA END ${id}`;
    const end = this.random.pick([
      `XA PREPARE ${id}; XA COMMIT ${id}`,
      `XA PREPARE ${id}; XA COMMIT ${id}`,
      `XA PREPARE ${id}; XA ROLLBACK ${id}`,
      `XA COMMIT ${id} ONE PHASE`,
    ]);
    return `${work}; ${end}`;
  }

  /** Up to a megabyte; the last few are kept. */
  private bigRow(): string {
    const id = ++this.bigRows;
    const data = bigBytes(this.random, this.random.pick([20_000, 100_000, 1_000_000]));
    return transaction(`INSERT INTO big VALUES (${id}, ${data})`, `DELETE FROM big WHERE id <= ${id - 10}`);
  }

  private weigh(kinds: readonly (readonly [weight: number, kind: () => string])[]): (() => string)[] {
    return kinds.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind));
  }
}

function transaction(...statements: string[]): string {
  return `BEGIN; ${statements.join('; ')}; COMMIT`;
}
