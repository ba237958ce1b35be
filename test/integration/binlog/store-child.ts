import { BinlogStore } from '../../harness/servers/binlog/binlog-store.js';

/**
 * A binlog store that runs until it is killed. Arguments: its directory, the port of its binlog server, that of its
 * source, and whether it acknowledges to that what it has. Says "ready" when it serves.
 */
const [directory = '', port = '0', source = '0', acknowledges = ''] = process.argv.slice(2);
const store = await BinlogStore.start({
  directory,
  port: Number(port),
  sessionMs: 1_000,
  segmentBytes: 2 ** 20,
});
await store.follow({ port: Number(source) }, { semiSync: acknowledges === 'yes' });
process.stdout.write('ready\n');
