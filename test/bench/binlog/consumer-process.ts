import { RawReplica } from '../../support/mysql/raw-replica/raw-replica.js';

/** Counts all that a server has, from the beginning, as fast as it comes; one client in a process of its own. */
const [port = '', wantedBytes = ''] = process.argv.slice(2);

const client = await RawReplica.connect({ port: Number(port), flavour: 'mysql56' });
process.once('message', () => {
  void (async () => {
    const startedAt = performance.now();
    await client.dump({ countOnly: true });
    const { counter } = client;
    await client.until(() => counter.size >= Number(wantedBytes), 300_000);
    const seconds = (performance.now() - startedAt) / 1_000;
    process.send!({ seconds, events: counter.events, bytes: counter.size });
    process.disconnect();
    process.exit();
  })();
});
process.send!({ ready: true });
