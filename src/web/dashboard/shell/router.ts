import { useEffect, useState } from 'preact/hooks';

/** A place in the dashboard: `#/PAGE/OBJECT?QUERY`. It can be kept, sent, and gone back to. */
export interface Place {
  readonly page: string;
  /** What is looked at, such as `group/1`; empty: the page itself. */
  readonly object: string;
  readonly query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...object] = path.split('/');
  return {
    page: page || 'overview',
    object: object.map(decode).join('/'),
    query: new URLSearchParams(query),
  };
}

export function linkTo(page: string, object = '', query: Readonly<Record<string, string>> = {}): string {
  const path = [page, ...object.split('/').filter(Boolean)].map(encodeURIComponent).join('/');
  const search = new URLSearchParams(query).toString();
  return `#/${path}${search === '' ? '' : `?${search}`}`;
}

/** Where the target of an action, a problem or an operation is shown. */
export function linkToObject(target: string): string {
  const [kind = ''] = target.split('/');
  const page =
    {
      group: 'redis',
      slot: 'redis',
      slots: 'redis',
      server: 'redis',
      proxy: 'redis',
      'migration-limits': 'settings',
    }[kind] ??
    { member: 'members', leader: 'members', coordinator: 'members', operation: 'operations' }[kind] ??
    { syncer: 'binlog', journal: 'binlog', binlogServer: 'binlog', slave: 'binlog' }[kind] ??
    'actions';
  return linkTo(page, target);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(parsePlace(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
