import { refuse } from '../common/refused.js';
import type { PageInfo } from './types/cluster.js';

export const MAX_PAGE = 500;
export const DEFAULT_PAGE = 50;

/**
 * A page of a list that is sorted by revision. The cursor is the revision of the page's last item, so pages
 * neither skip nor repeat anything while the list grows.
 */
export function takePage<T>(
  sorted: readonly T[],
  revisionOf: (item: T) => bigint,
  order: 'ascending' | 'descending',
  first: number | null,
  after: string | null | undefined,
): { page: T[]; pageInfo: PageInfo } {
  const size = first ?? DEFAULT_PAGE;
  checkSize('first', size);
  if (after != null && !/^\d{1,19}$/.test(after))
    refuse('INVALID_INPUT', 'after', 'after is the endCursor of a page.');
  const cursor = after == null ? undefined : BigInt(after);
  const rest = sorted.filter((item) => {
    if (cursor === undefined) return true;
    return order === 'ascending' ? revisionOf(item) > cursor : revisionOf(item) < cursor;
  });
  const page = rest.slice(0, size);
  const last = page[page.length - 1];
  return {
    page,
    pageInfo: {
      hasNextPage: rest.length > page.length,
      endCursor: last === undefined ? null : String(revisionOf(last)),
    },
  };
}

/** The end of a list that is sorted by revision; its cursor goes on with what comes later. */
export function takeLast<T>(
  sorted: readonly T[],
  revisionOf: (item: T) => bigint,
  size: number,
): { page: T[]; pageInfo: PageInfo } {
  checkSize('last', size);
  const page = sorted.slice(-size);
  const last = page.at(-1);
  return {
    page,
    pageInfo: { hasNextPage: false, endCursor: last === undefined ? null : String(revisionOf(last)) },
  };
}

function checkSize(argument: string, size: number): void {
  if (size < 1 || size > MAX_PAGE) refuse('INVALID_INPUT', argument, `${argument} is from 1 to ${MAX_PAGE}.`);
}
