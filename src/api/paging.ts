import { refuse } from '../common/refused.js';
import type { Connection } from './types/connection.js';

export const MAX_PAGE = 500;
export const DEFAULT_PAGE = 50;

/** Where a page begins or ends, as the arguments of a field say it. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A list that is sorted by revision, in either direction. */
interface Sorted<T> {
  readonly items: readonly T[];
  readonly revisionOf: (item: T) => bigint;
  readonly order: 'ascending' | 'descending';
}

/**
 * A page of a list that is sorted by revision. The cursor of an item is its revision, so pages neither skip nor repeat
 * anything while the list grows.
 */
export function takePage<T, N extends object>(
  { items, revisionOf, order }: Sorted<T>,
  { first, after, last, before }: PageArguments,
  present: (item: T) => N,
): Connection<N> {
  if (first != null && last != null) refuse('INVALID_INPUT', 'last', 'Give first or last, not both.');
  checkSize('first', first);
  checkSize('last', last);
  const isBehind = (revision: bigint, cursor: bigint): boolean =>
    order === 'ascending' ? revision > cursor : revision < cursor;
  const indexWhere = (holds: (revision: bigint) => boolean): number => {
    const index = items.findIndex((item) => holds(revisionOf(item)));
    return index < 0 ? items.length : index;
  };
  const [lower, upper] = [cursorOf('after', after), cursorOf('before', before)];
  const start = lower === null ? 0 : indexWhere((revision) => isBehind(revision, lower));
  const limit = upper === null ? items.length : indexWhere((revision) => !isBehind(upper, revision));
  const end = Math.max(start, limit);
  const from = last == null ? start : Math.max(start, end - last);
  const to = last == null ? Math.min(end, start + (first ?? DEFAULT_PAGE)) : end;
  const edges = items
    .slice(from, to)
    .map((item) => ({ cursor: String(revisionOf(item)), node: present(item) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: to < items.length,
      hasPreviousPage: from > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: items.length,
  };
}

function cursorOf(argument: string, text: string | null | undefined): bigint | null {
  if (text == null) return null;
  if (!/^\d{1,19}$/.test(text)) refuse('INVALID_INPUT', argument, `${argument} is a cursor of a page.`);
  return BigInt(text);
}

function checkSize(argument: string, size: number | null | undefined): void {
  if (size != null && (size < 1 || size > MAX_PAGE))
    refuse('INVALID_INPUT', argument, `${argument} is from 1 to ${MAX_PAGE}.`);
}
