import { REPL } from '../../test/harness/servers/mysql/accounts.js';
import type { MysqlServer } from '../../test/harness/servers/mysql/server.js';
import type { QuorateMember } from '../../test/harness/servers/quorate.js';
import type { RedisServer } from '../../test/harness/servers/redis.js';

/** A server of a group, and a binlog server of a member. */
export interface Layout {
  /** Redis servers by group: the master, then its replicas. */
  readonly groups: readonly (readonly RedisServer[])[];
  /** Ports of binlog servers by member. */
  readonly binlogServers: Readonly<Record<string, number>>;
  /** For the replication account, at the source and at the binlog servers. */
  readonly password: string;
}

const SLOTS = 1_024;

/** Groups with their servers, and all slots spread over them. */
export async function setUpRedis(api: QuorateMember, { groups }: Layout): Promise<void> {
  for (const [at, servers] of groups.entries()) {
    const number = at + 1;
    await api.run(
      'mutation ($number: Int!) { createGroup(input: { number: $number }) { userErrors { message } } }',
      {
        number,
      },
    );
    for (const { address } of servers)
      await api.run(
        'mutation ($input: AddServerInput!) { addServer(input: $input) { userErrors { message } } }',
        {
          input: { group: number, address },
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
export async function setUpSource(source: MysqlServer): Promise<void> {
  await source.query('CREATE DATABASE shop');
  await source.query(
    'CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, state VARCHAR(20) NOT NULL, ' +
      'note TEXT NOT NULL, changed TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3))',
  );
}

/** The syncer, and a binlog server on each member. */
export async function setUpBinlog(
  api: QuorateMember,
  source: MysqlServer,
  { binlogServers, password }: Layout,
): Promise<void> {
  const account = { user: REPL.user, password };
  await api.run(
    'mutation ($input: StartSyncerInput!) { startSyncer(input: $input) { userErrors { message } } }',
    {
      input: {
        ...{ serverId: '4000001', serverUuid: '6e1f7d0a-8d0e-4f5c-9a57-0d7a3c1b2e4f', ...account },
        sourceAddress: source.address,
      },
    },
  );
  for (const [member, port] of Object.entries(binlogServers))
    await api.run(
      'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
      { input: { name: `binlog-${member}`, member, address: `127.0.0.1:${port}`, ...account } },
    );
}
