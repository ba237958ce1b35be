import type { StatusSource } from './shared-status.js';

/** Ten times a second at the most. */
const INTERVAL_MS = 100;

/**
 * A source of objects that may change with every commit: changes that come close together become one, and what looks as
 * before is none.
 */
export function coalesced<K, T>(source: StatusSource<K, T>): StatusSource<K, T> {
  const show = (key: K): string | undefined => JSON.stringify(source.present(key), textOfBigints);
  return {
    ...source,
    subscribe: (changed) => {
      const due = new Set<K>();
      const shown = new Map<K, string | undefined>();
      for (const key of source.keys()) shown.set(key, show(key));
      let timer: NodeJS.Timeout | undefined;
      const flush = (): void => {
        timer = undefined;
        for (const key of due) {
          const now = show(key);
          if (now === shown.get(key)) continue;
          if (now === undefined) shown.delete(key);
          else shown.set(key, now);
          changed(key);
        }
        due.clear();
      };
      const close = source.subscribe((key) => {
        due.add(key);
        timer ??= setTimeout(flush, INTERVAL_MS);
      });
      return () => {
        clearTimeout(timer);
        close();
      };
    },
  };
}

function textOfBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
