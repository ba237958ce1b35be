import type { Coordinator, Leadership } from '../../../../src/coordinator/index.js';
import type { Disk } from '../../../../src/binlog/journal/disk.js';
import type { Journal } from '../../../../src/binlog/journal/journal.js';

/** What comes between a member's code and its world, so that the code breaks a rule. */
export interface Breakage {
  disk(disk: Disk): Disk;
  journal(journal: Journal): Journal;
  coordinator(coordinator: Coordinator, journal: Journal): Coordinator;
  leadership(leadership: Leadership): Leadership;
}

/** Nothing does. */
export const nothingBroken: Breakage = {
  disk: (disk) => disk,
  journal: (journal) => journal,
  coordinator: (coordinator) => coordinator,
  leadership: (leadership) => leadership,
};

/** The same, but for some of its methods. */
export function withMethods<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (of, name) => {
      if (name in methods) return Reflect.get(methods, name) as unknown;
      const value: unknown = Reflect.get(of, name);
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
}
