import { execFileSync } from 'node:child_process';
import { BinlogServer } from '../../../src/binlog/server/binlog-server.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { RandomSource, type Transaction } from '../../harness/binlog/history.js';
import { cleanJournals, filledJournal, journalDirectory } from '../../harness/servers/binlog/journals.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';

/**
 * A binlog server with two replicas, one that waits for more and one that reads nothing, in a network of its own, which it
 * takes away under them. Tells how many replicas the server has before, and when it has none.
 */
const HEARTBEAT_SECONDS = 1;
/** More than the system keeps for a client that reads nothing. */
const JOURNAL_BYTES = 25_000_000;

setLoopback('up');
const source = new RandomSource('MYSQL', new Random(1), '5.6.24-log');
const transactions: Transaction[] = [];
for (let size = 0; size < JOURNAL_BYTES; size += transactions.at(-1)!.bytes.length)
  transactions.push(source.transaction(1_000_000));
const { journal } = await filledJournal(journalDirectory(), source, transactions, 1e9);
const server = new BinlogServer({
  ...{ name: 'b1', listen: { host: '127.0.0.1', port: 0 }, journal },
  accounts: { passwordOf: (user) => (user === REPL.user ? REPL.password : null) },
  ...{ tls: null, demandsTls: false, maxConnections: 10, loginTimeoutMs: 10_000 },
  source: () => null,
  identity: () => ({ serverId: 7, serverUuid: '0000c0de-0000-4000-8000-000000000001' }),
  log: createLogger('silent'),
});
await server.start();
const connect = (): Promise<RawReplica> =>
  RawReplica.connect({
    ...{ port: server.address.port, flavour: 'mysql56', heartbeatSeconds: HEARTBEAT_SECONDS },
  });

const full = await connect();
await full.dump();
full.pause();
const waiting = await connect();
await waiting.dump({ countOnly: true });
await waiting.until(() => waiting.counter.size > JOURNAL_BYTES);
// While heartbeats come, the other one was looked at again and again.
const { events } = waiting.counter;
await waiting.until(() => waiting.counter.events >= events + 4);
console.log(`There are ${server.slaves().length}.`);

setLoopback('down');
await until('they are gone', () => server.slaves().length === 0);
if (waiting.end !== null || full.end !== null) throw new Error('They were told.');
console.log('There are none.');
await server.stop();
await cleanJournals();
process.exit();

function setLoopback(state: 'up' | 'down'): void {
  execFileSync('ip', ['link', 'set', 'lo', state]);
}
