import type { Api } from './api.js';
import type { MariaDb } from './mariadb.js';

/** A server of a group, and a binlog server of a member. */
export interface Layout {
  /** Redis servers' ports by group: the master, then its replicas. */
  readonly groups: readonly (readonly number[])[];
  /** Ports of binlog servers by member. */
  readonly binlogServers: Readonly<Record<string, number>>;
}

const SLOTS = 1_024;

/** Groups with their servers, and all slots spread over them. */
export async function setUpRedis(api: Api, { groups }: Layout): Promise<void> {
  for (const [at, ports] of groups.entries()) {
    const number = at + 1;
    await api.run(
      'mutation ($number: Int!) { createGroup(input: { number: $number }) { userErrors { message } } }',
      {
        number,
      },
    );
    for (const port of ports)
      await api.run(
        'mutation ($input: AddServerInput!) { addServer(input: $input) { userErrors { message } } }',
        {
          input: { group: number, address: `127.0.0.1:${port}` },
        },
      );
  }
  await api.run('mutation { initSlots { userErrors { message } } }');
  for (const at of groups.keys()) {
    const [from, to] = [(SLOTS / groups.length) * at, (SLOTS / groups.length) * (at + 1) - 1];
    await api.run(
      'mutation ($input: AssignSlotsInput!) { assignSlots(input: $input) { userErrors { message } } }',
      {
        input: { from, to, group: at + 1 },
      },
    );
  }
}

/** The table that the load writes to. */
export async function setUpSource(source: MariaDb): Promise<void> {
  await source.query('CREATE DATABASE shop');
  await source.query(
    'CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, state VARCHAR(20) NOT NULL, ' +
      'note TEXT NOT NULL, changed TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3))',
  );
}

/** The syncer, and a binlog server on each member. */
export async function setUpBinlog(api: Api, source: MariaDb, { binlogServers }: Layout): Promise<void> {
  const account = { user: 'repl', password: source.password };
  await api.run(
    'mutation ($input: StartSyncerInput!) { startSyncer(input: $input) { userErrors { message } } }',
    {
      input: {
        ...{ serverId: '4000001', serverUuid: '6e1f7d0a-8d0e-4f5c-9a57-0d7a3c1b2e4f', ...account },
        sourceAddress: `127.0.0.1:${source.port}`,
      },
    },
  );
  for (const [member, port] of Object.entries(binlogServers))
    await api.run(
      'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
      { input: { name: `binlog-${member}`, member, address: `127.0.0.1:${port}`, ...account } },
    );
}

/** From now on it replicates from that binlog server. */
export async function attach(replica: MariaDb, port: number): Promise<void> {
  const settings = [
    ...[`MASTER_HOST = '127.0.0.1'`, `MASTER_PORT = ${port}`, `MASTER_USER = 'repl'`],
    ...[`MASTER_PASSWORD = '${replica.password}'`, 'MASTER_USE_GTID = slave_pos', 'MASTER_CONNECT_RETRY = 1'],
  ];
  await replica.query(`CHANGE MASTER TO ${settings.join(', ')}`);
  await replica.query('START SLAVE');
}
