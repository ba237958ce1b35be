import { delay } from '../../../src/common/async.js';
import { campaign, type Leadership } from '../../../src/coordinator/index.js';
import type { Journal } from '../../../src/binlog/journal/journal.js';
import { JournalOffice } from '../../../src/binlog/replication/journal-office.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { Observer } from './observer.js';
import type { Surroundings } from './simulated-machine.js';
import { openJournal } from './simulated-journal.js';
import { runSlave } from './simulated-slave.js';
import type { SimulatedSource } from './simulated-source.js';

const log = createLogger('silent');
const TTL_MS = 2_000;

export interface MemberParts {
  readonly name: string;
  readonly segmentBytes: number;
  readonly source: SimulatedSource;
  readonly observer: Observer;
}

/** All that a process of the only member does. */
export async function runSingleMember(
  { disk, coordinator, process, random }: Surroundings,
  { name, segmentBytes, source, observer }: MemberParts,
): Promise<void> {
  const lead = async (journal: Journal, leadership: Leadership): Promise<void> => {
    const office = await JournalOffice.take({ coordinator, leadership, journal, memberName: name, log });
    try {
      await source.run(office, journal, random, office.signal);
    } finally {
      await office.close();
    }
  };
  try {
    await coordinator.start();
    const journal = await openJournal(name, disk, segmentBytes, observer);
    journal.onCommit((offset) => observer.learned(process.name, journal, offset));
    void runSlave(process.name, journal, observer);
    for (;;) {
      try {
        const session = await coordinator.openSession(TTL_MS);
        const leadership = await campaign(coordinator, 'cluster/leader', name, session);
        while (leadership.isHeld()) {
          await lead(journal, leadership).catch((error: unknown) => observer.failed(error));
          await delay(20);
        }
        await session.close();
      } catch (error) {
        observer.failed(error);
      }
      await delay(50);
    }
  } catch (error) {
    observer.failed(error);
  }
}
