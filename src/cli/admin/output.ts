import { printable, table, type Column } from './table.js';

export type OutputFormat = 'table' | 'json';

/** What a command writes: its result to standard output, everything else to standard error. */
export class Output {
  constructor(readonly format: OutputFormat) {}

  get isJson(): boolean {
    return this.format === 'json';
  }

  /** A result: exactly the SDK's value for programs, or as `render` shows it to people. */
  show<T>(value: T, render: (value: T) => string): void {
    write(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : render(value));
  }

  rows<T>(value: readonly T[], columns: readonly Column<T>[]): void {
    this.show(value, (rows) => this.table(rows, columns));
  }

  /** One value of a stream: a line of JSON, or what `render` makes of it. */
  line<T>(value: T, render: (value: T) => string): void {
    write(`${this.isJson ? JSON.stringify(value) : printable(render(value))}\n`);
  }

  table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
    return table(rows, columns, isColoured(process.stdout) ? bold : undefined);
  }

  /** Something for a person beside the result. */
  say(text: string): void {
    process.stderr.write(`${printable(text)}\n`);
  }
}

function write(text: string): void {
  process.stdout.write(text);
}

function isColoured(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}
