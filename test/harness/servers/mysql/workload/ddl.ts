import type { FlavourName } from '../flavours/flavour.js';
import type { Random } from '../../../random.js';
import { createTable, PLAIN } from './rows.js';

/** Statements that change tables, and tables that exist only for them. */
export class Ddl {
  private readonly tables: string[] = [];
  private made = 0;
  private indexed = false;

  /** @param plain a table with the columns of PLAIN that is always there */
  constructor(
    private readonly flavour: FlavourName,
    private readonly plain: string,
    private readonly random: Random,
  ) {}

  next(): string {
    if (this.tables.length === 0) return this.create();
    if (this.tables.length > 5) return this.drop();
    return this.random.pick([
      () => this.create(),
      () => this.createLike(),
      () => this.createFilled(),
      () => this.addColumn(),
      () => this.changeIndex(),
      () => this.rename(),
      () => this.truncate(),
      () => this.replaceView(),
      () => this.drop(),
    ])();
  }

  private create(): string {
    const table = this.newTable();
    return `${createTable(table, ' PRIMARY KEY', PLAIN, 'ENGINE=InnoDB')};
      INSERT INTO ${table} (id, amount) VALUES (1, 10), (2, 20), (3, 30)`;
  }

  private createLike(): string {
    const like = this.random.pick(this.tables);
    return `CREATE TABLE ${this.newTable()} LIKE ${like}`;
  }

  /** MySQL before 8.0.21 could not do so in one transaction, and refuses with GTIDs. */
  private createFilled(): string {
    if (this.flavour === 'mysql56') return this.create();
    return `CREATE TABLE ${this.newTable()} SELECT id, amount, name FROM ${this.plain}`;
  }

  private addColumn(): string {
    return `ALTER TABLE ${this.random.pick(this.tables)} ADD COLUMN c_${++this.made} INT NOT NULL DEFAULT 7`;
  }

  private changeIndex(): string {
    this.indexed = !this.indexed;
    return `ALTER TABLE ${this.plain} ${this.indexed ? 'ADD INDEX by_amount (amount)' : 'DROP INDEX by_amount'}`;
  }

  private rename(): string {
    const [from] = this.tables.splice(this.random.below(this.tables.length), 1);
    return `RENAME TABLE ${from} TO ${this.newTable()}`;
  }

  private truncate(): string {
    return `TRUNCATE TABLE ${this.random.pick(this.tables)}`;
  }

  private replaceView(): string {
    return `CREATE OR REPLACE VIEW seen AS SELECT id, name FROM ${this.plain} WHERE amount > ${this.random.below(9)}`;
  }

  private drop(): string {
    const [table] = this.tables.splice(this.random.below(this.tables.length), 1);
    return `DROP TABLE ${table}`;
  }

  private newTable(): string {
    const table = `extra_${++this.made}`;
    this.tables.push(table);
    return table;
  }
}
