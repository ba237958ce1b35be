import { QuorateError } from '../../../src/common/errors.js';
import { EmbeddedCoordinator } from '../../../src/coordinator/embedded/coordinator.js';

/**
 * A process that writes until it is killed. Arguments: the directory, the first transaction's number, the
 * number of transactions, the size of each value. One line per outcome: "ack <number> <revision>" once the
 * transaction is committed, "fail <number> <code>" when it is not.
 *
 * Each transaction puts two keys of its own and two that all of them share.
 */
const [directory = '', first = '0', count = '0', size = '0'] = process.argv.slice(2);
const coordinator = new EmbeddedCoordinator({ directory });
await coordinator.start();
const session = await coordinator.openSession(60_000);
await coordinator.commit({ conditions: [], operations: [{ put: 'session', value: first, session }] });

let next = Number(first);
const end = next + Number(count);
const filler = 'x'.repeat(Number(size));

async function write(): Promise<void> {
  while (next < end) {
    const number = next++;
    const value = `${number} ${filler}`;
    const operations = [`t/${number}/a`, `t/${number}/b`, 'latest/a', 'latest/b'].map((key) => ({
      put: key,
      value,
    }));
    try {
      const result = await coordinator.commit({
        conditions: [{ key: `t/${number}/a`, modRevision: 0n }],
        operations,
      });
      process.stdout.write(`ack ${number} ${result.revision}\n`);
    } catch (error) {
      process.stdout.write(`fail ${number} ${error instanceof QuorateError ? error.code : String(error)}\n`);
    }
  }
}

await Promise.all([write(), write(), write(), write()]);
process.stdout.write('end\n');
