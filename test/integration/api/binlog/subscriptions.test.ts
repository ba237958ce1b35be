import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../../harness/servers/binlog/binlog-api.js';
import type { Subscription } from '../../../harness/generated/answers.js';
import { RawReplica } from '../../../harness/checkers/raw-replica/raw-replica.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const servers = new ServerSet();
let source: MysqlServer;
let member: QuorateMember;
let port: number;

beforeAll(async () => {
  source = await servers.start({ flavour: 'mariadb' });
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT)');
  member = await QuorateMember.start();
  port = await freePort();
});
afterAll(async () => {
  await member?.stop();
  await servers.remove();
});

/** Follows a subscription while something is done, until an event is as wanted. */
async function during(
  query: string,
  isSo: (event: Subscription) => boolean,
  work: () => Promise<unknown>,
): Promise<Subscription[]> {
  const client = member.websocket();
  const events: Subscription[] = [];
  try {
    for await (const { data, errors } of client.iterate<Subscription>({ query })) {
      if (errors || !data) throw new Error(JSON.stringify(errors));
      events.push(data);
      if (events.length === 1) await work();
      if (isSo(data)) return events;
    }
    throw new Error('The subscription has ended.');
  } finally {
    await client.dispose();
  }
}

describe('subscriptions of the binlog half', () => {
  test('tell of the syncer as it is, then of its start', async () => {
    const events = await during(
      'subscription { syncerStatus { state sourceAddress } }',
      ({ syncerStatus }) => syncerStatus.state === 'RUNNING',
      async () => {
        const { userErrors } = await changeSyncer(member, 'startSyncer', sourceInput(source));
        expect(userErrors).toEqual([]);
      },
    );
    expect(events[0]).toEqual({ syncerStatus: { state: 'STOPPED', sourceAddress: null } });
    expect(events.at(-1)).toEqual({ syncerStatus: { state: 'RUNNING', sourceAddress: source.address } });
  });

  test('tell of the journal as it grows, many commits in few events', async () => {
    await untilCaughtUp(member, source);
    const rows = 300;
    let last = '';
    const events = await during(
      'subscription { journalStatus { committedOffset executedGtidSet } }',
      ({ journalStatus }) => journalStatus.executedGtidSet === last,
      async () => {
        for (let i = 0; i < rows; i++) await source.query('INSERT INTO shop.t VALUES ()');
        last = await source.gtidExecuted();
      },
    );
    const offsets = events.map(({ journalStatus }) => Number(journalStatus.committedOffset));
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(events.length).toBeLessThan(rows / 2);
  });

  test('tell of slaves that come and go, and of their binlog server', async () => {
    const start =
      'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { code } } }';
    await member.run(start, { input: slaveAccount('b1', port) });
    await member.run(start, { input: slaveAccount('b2', await freePort()) });
    let replica: RawReplica | null = null;
    const came = await during(
      'subscription { slaveStatus(binlogServer: "b1") { serverId user binlogServer { name state } } }',
      ({ slaveStatus }) => slaveStatus.length === 1,
      async () => {
        const account = { user: 'slave', password: SLAVE_PASSWORD };
        replica = await RawReplica.connect({ port, flavour: 'mariadb', serverId: 79, ...account });
        await replica.dump({ gtids: '' });
      },
    );
    expect(came[0]).toEqual({ slaveStatus: [] });
    expect(came.at(-1)!.slaveStatus).toEqual([
      { serverId: '79', user: 'slave', binlogServer: { name: 'b1', state: 'RUNNING' } },
    ]);
    const went = await during(
      'subscription { binlogServerStatus(name: "b1") { name slaves { serverId } } }',
      ({ binlogServerStatus }) => binlogServerStatus.slaves.length === 0,
      async () => replica!.close(),
    );
    expect(went[0]).toEqual({ binlogServerStatus: { name: 'b1', slaves: [{ serverId: '79' }] } });
    const all = await during(
      'subscription { binlogServerStatus { name state } }',
      ({ binlogServerStatus }) => binlogServerStatus.name === 'b2' && binlogServerStatus.state === 'STOPPED',
      async () => {
        await member.run('mutation { stopBinlogServer(input: { name: "b2" }) { userErrors { code } } }');
      },
    );
    expect(all[0]).toEqual({ binlogServerStatus: { name: 'b1', state: 'RUNNING' } });
  });

  test('say nothing while nothing changes', async () => {
    await changeSyncer(member, 'stopSyncer');
    await member.follow(
      'subscription { syncerStatus { state eventsPerSecond bytesPerSecond } }',
      ({ syncerStatus }) =>
        syncerStatus.state === 'STOPPED' &&
        syncerStatus.eventsPerSecond === 0 &&
        syncerStatus.bytesPerSecond === 0,
    );
    const events = await during(
      'subscription { syncerStatus { state sourceAddress } }',
      ({ syncerStatus }) => syncerStatus.sourceAddress === null,
      async () => {
        await member.run('mutation { createGroup(input: { number: 1 }) { userErrors { code } } }');
        await changeSyncer(member, 'stopSyncer', { forget: true });
      },
    );
    expect(events).toEqual([
      { syncerStatus: { state: 'STOPPED', sourceAddress: source.address } },
      { syncerStatus: { state: 'STOPPED', sourceAddress: null } },
    ]);
  });
});
