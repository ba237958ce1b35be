import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedCoordinator, type Coordinator } from '../../../src/coordinator/index.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';
import { describeConformance } from './conformance.js';
import type { Fixture } from './harness.js';

async function openFixture(): Promise<Fixture> {
  const directory = temporaryDirectory('embedded');
  const opened: Coordinator[] = [];
  const open = async (name: string) => {
    const coordinator = new EmbeddedCoordinator({ directory: join(directory, name) });
    await coordinator.start();
    opened.push(coordinator);
    return coordinator;
  };
  const coordinator = await open('store');
  return {
    coordinator,
    other: async () => coordinator,
    // The files as they are while the store is open are what a crash at this moment leaves.
    async abandon() {
      await cp(join(directory, 'store'), join(directory, 'crashed'), { recursive: true });
      return open('crashed');
    },
    async dispose() {
      for (const each of opened) await each.stop();
      removeTemporaryDirectory(directory);
    },
  };
}

describeConformance('the embedded coordinator', openFixture);
