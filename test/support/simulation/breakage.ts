import type { Coordinator, Leadership } from '../../../src/coordinator/index.js';
import type { Disk } from '../../../src/binlog/journal/disk.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';

/** What comes between a member's code and its world, so that the code breaks a rule. */
export interface Breakage {
  disk(disk: Disk): Disk;
  coordinator(coordinator: Coordinator, journal: Journal): Coordinator;
  leadership(leadership: Leadership): Leadership;
}

/** Nothing does. */
export const nothingBroken: Breakage = {
  disk: (disk) => disk,
  coordinator: (coordinator) => coordinator,
  leadership: (leadership) => leadership,
};
