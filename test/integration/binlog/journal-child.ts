import { Journal } from '../../../src/binlog/journal/journal.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { Feeder, RandomSource } from '../../harness/binlog/history.js';
import { Random } from '../../harness/random.js';

/** Writes transactions until it is killed. Arguments: the directory and a seed. Each durable offset is a line: "durable N". */
const [directory = '', seed = '0'] = process.argv.slice(2);
const journal = await Journal.open({ directory, segmentBytes: 150_000, log: createLogger('silent') });
await journal.begin('MYSQL');
const writer = await journal.openWriter();
writer.onDurable((offset) => {
  process.stdout.write(`durable ${offset}\n`);
  journal.commit(offset).catch((error: unknown) => {
    throw error;
  });
});
const source = new RandomSource('MYSQL', new Random(Number(seed)));
writer.setFormat(source.builder.format(), 'source.000001');
const feeder = new Feeder(writer, 'MYSQL');
for (;;) {
  await feeder.push(source.transaction().bytes);
  await new Promise((resolve) => setImmediate(resolve));
}
