import type { Disk, DiskFile } from '../../../../src/binlog/journal/disk.js';
import { nothingBroken, withMethods, type Breakage } from './breakage.js';

/** Against docs/replication.md, rule 4: what was written counts as durable before the disk has synced it. */
export const earlyAcknowledgement: Breakage = {
  ...nothingBroken,
  disk: (disk: Disk) =>
    withMethods(disk, {
      open: async (path, flags) => hasty(await disk.open(path, flags)),
    }),
};

function hasty(file: DiskFile): DiskFile {
  return withMethods(file, {
    datasync: async () => {
      file.datasync().catch(() => undefined);
    },
  });
}
