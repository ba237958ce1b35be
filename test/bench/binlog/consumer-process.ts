import { RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';

/**
 * Counts all that a server has, from the beginning, as fast as it comes, each time that it is asked to: one client in a
 * process of its own. The first time is its own idea, for its code to be compiled: what is measured is the server.
 */
const [port = '', wantedBytes = ''] = process.argv.slice(2);

await countAll(await connect());
for (;;) {
  const client = await connect();
  process.send!('ready');
  await new Promise((resolve) => process.once('message', resolve));
  process.send!(await countAll(client));
}

function connect(): Promise<RawReplica> {
  return RawReplica.connect({ port: Number(port), flavour: 'mysql56', hasLargeReads: true });
}

async function countAll(client: RawReplica): Promise<{ seconds: number; events: number }> {
  const startedAt = performance.now();
  await client.dump({ countOnly: true });
  const { counter } = client;
  await client.until(() => counter.size >= Number(wantedBytes), 300_000);
  const seconds = (performance.now() - startedAt) / 1_000;
  client.close();
  return { seconds, events: counter.events };
}
