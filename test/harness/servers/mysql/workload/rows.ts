import type { Random } from '../../../random.js';
import type { Column } from './columns.js';
import { text } from './values.js';

/** From so many rows on, old ones are deleted. */
const KEPT_ROWS = 400;

/** The statements that change one table, whose rows have ids that count up. */
export class Rows {
  private oldest = 1;
  private next = 1;

  constructor(
    private readonly table: string,
    private readonly columns: readonly Column[],
    private readonly random: Random,
  ) {}

  /** An insert of several rows, an update of several, or a delete of the oldest. */
  change(): string {
    const rows = this.next - this.oldest;
    if (rows > KEPT_ROWS) return this.delete();
    return rows < 20 || this.random.below(5) < 3 ? this.insert() : this.update();
  }

  insert(): string {
    const columns = this.columns.filter(({ value }) => value !== undefined);
    const rows = Array.from({ length: this.random.between(1, 12) }, () => {
      const values = columns.map(({ value }) => (this.random.below(12) === 0 ? 'NULL' : value!(this.random)));
      return `(${[this.next++, ...values].join(', ')})`;
    });
    const names = ['id', ...columns.map(({ name }) => name)];
    return `INSERT INTO ${this.table} (${names.join(', ')}) VALUES ${rows.join(', ')}`;
  }

  update(): string {
    const column = this.random.pick(this.columns.filter(({ value }) => value !== undefined));
    const first = this.random.between(this.oldest, this.next);
    const condition = `id BETWEEN ${first} AND ${first + this.random.below(20)}`;
    return `UPDATE ${this.table} SET ${column.name} = ${column.value!(this.random)} WHERE ${condition}`;
  }

  delete(): string {
    this.oldest += this.random.between(20, 200);
    if (this.oldest > this.next) this.oldest = this.next;
    return `DELETE FROM ${this.table} WHERE id < ${this.oldest}`;
  }
}

/** The columns of tables that are about transactions rather than types. */
export const PLAIN: readonly Column[] = [
  { name: 'amount', definition: 'INT', value: (random) => String(random.below(1_000_000)) },
  { name: 'name', definition: 'VARCHAR(80)', value: (random) => text(random, 80) },
];

export function createTable(table: string, key: string, columns: readonly Column[], options: string): string {
  const parts = [`id INT NOT NULL${key}`, ...columns.map(({ name, definition }) => `${name} ${definition}`)];
  return `CREATE TABLE ${table} (${parts.join(', ')}) ${options}`;
}
