/** One column of a table for people. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => string | number | boolean | null | undefined;
  /** For numbers. */
  readonly right?: boolean;
}

/** Text from elsewhere is shown on one line, and can do nothing to the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Null is a dash, so that no cell is empty and columns can be cut by programs. */
export function cellText(value: string | number | boolean | null | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = printable(String(value ?? ''));
  return text === '' ? '-' : text;
}

/** Rows below their heads, aligned, with two spaces between; each line without spaces at its end. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], heading = plain): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cellText(cell(row))));
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...cells.map((row) => [...(row[i] as string)].length)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => pad(text, widths[i] as number, columns[i]?.right === true))
      .join('  ')
      .trimEnd();
  return [heading(line(columns.map(({ head }) => head))), ...cells.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

/** One thing: a name and a value on each line. */
export function fields(entries: readonly (readonly [string, Parameters<typeof cellText>[0]])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}\n`).join('');
}

function pad(text: string, width: number, right: boolean): string {
  const spaces = ' '.repeat(Math.max(0, width - [...text].length));
  return right ? spaces + text : text + spaces;
}

function plain(text: string): string {
  return text;
}
