import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly show: (row: T) => ComponentChildren;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

export interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly columns: readonly Column<T>[];
  /** What is said when there are none. */
  readonly empty: ComponentChildren;
  /** The row that was linked to, by its key. */
  readonly chosen?: string | undefined;
}

/** Rows of a kind; on a narrow screen each is a card with its titles beside the values. */
export function Table<T>({ label, rows, keyOf, columns, empty, chosen }: TableProps<T>) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="table-frame" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, isNumber }) => (
              <th scope="col" class={isNumber ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} id={keyOf(row)} class={keyOf(row) === chosen ? 'chosen' : undefined}>
              {columns.map(({ title, show, isNumber }) => (
                <td data-title={title} class={isNumber ? 'number' : undefined}>
                  <div>{show(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
