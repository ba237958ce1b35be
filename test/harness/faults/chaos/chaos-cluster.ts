import { OUR_ID, OUR_UUID, slaveAccount } from '../../servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../../servers/etcd.js';
import { REPL } from '../../servers/mysql/accounts.js';
import type { FlavourName } from '../../servers/mysql/flavours/flavour.js';
import type { MysqlServer } from '../../servers/mysql/server.js';
import { ServerSet } from '../../servers/mysql/server-set.js';
import { removeSmallDisks } from '../small-disk.js';
import { until } from '../../until.js';
import { ChaosMember } from './chaos-member.js';

const NAMES = ['m1', 'm2', 'm3'] as const;

export interface ChaosClusterOptions {
  readonly flavour: FlavourName;
  /** Of the last member's disk. */
  readonly diskMegabytes: number;
  /** Whether members reach each other directly: their network cannot fail then, and one that is gone is seen to be. */
  readonly isDirect?: boolean;
}

/** Everything that runs: three etcd, three members, a source, and a replica at each member. */
export class ChaosCluster {
  private constructor(
    readonly etcd: EtcdCluster,
    readonly members: readonly ChaosMember[],
    readonly source: MysqlServer,
    readonly replicas: readonly MysqlServer[],
    private readonly servers: ServerSet,
  ) {}

  static async start({
    flavour,
    diskMegabytes,
    isDirect = false,
  }: ChaosClusterOptions): Promise<ChaosCluster> {
    const servers = new ServerSet();
    const isSemiSync = flavour !== 'mysql56';
    const source = await servers.start({
      flavour,
      ...(isSemiSync && { semiSync: 'source' as const }),
      // Longer than any fault: nothing is confirmed that a quorum does not have.
      ...(flavour === 'mariadb' && { args: ['--rpl-semi-sync-master-timeout=3600000'] }),
    });
    const etcd = await startEtcd({ members: 3 });
    const members: ChaosMember[] = [];
    for (const name of NAMES) {
      const secretKey = members[0]?.api.secretKey ?? null;
      const isLast = name === NAMES.at(-1);
      const options = { name, etcd: etcd.endpoints, secretKey, isDirect };
      members.push(await ChaosMember.start({ ...options, diskMegabytes: isLast ? diskMegabytes : null }));
      await members.at(-1)!.api.ready();
    }
    await startAll(members, source, isSemiSync);
    const replicas = await Promise.all(members.map(() => servers.start({ flavour })));
    const cluster = new ChaosCluster(etcd, members, source, replicas, servers);
    for (const [i, replica] of replicas.entries())
      await replica.replication.follow({ port: members[i]!.slavePort, heartbeatSeconds: 1 });
    return cluster;
  }

  /** Anybody that answers; mutations reach the leader from there. */
  async ask<T extends object>(query: string): Promise<T> {
    let last: unknown = null;
    for (const { api } of this.members) {
      try {
        return await api.run<T>(query);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async leader(): Promise<string | null> {
    const { cluster } = await this.ask<{ cluster: { leader: { name: string } | null } }>(
      '{ cluster { leader { name } } }',
    );
    return cluster.leader?.name ?? null;
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
    await this.servers.remove();
    await this.etcd.stop();
    removeSmallDisks();
  }
}

async function startAll(
  members: readonly ChaosMember[],
  source: MysqlServer,
  semiSync: boolean,
): Promise<void> {
  const { api } = members[0]!;
  await api.run(
    'mutation ($input: StartSyncerInput!) { startSyncer(input: $input) { userErrors { message } } }',
    {
      input: {
        ...{ serverId: OUR_ID, serverUuid: OUR_UUID, sourceAddress: source.address, ...REPL, semiSync },
        tls: { mode: 'DISABLED' },
      },
    },
  );
  for (const { name, slavePort } of members) {
    await api.run(
      'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
      { input: { ...slaveAccount(`b-${name}`, slavePort), ...REPL, member: name } },
    );
  }
  await until('the source is followed', async () => {
    const { syncer } = await api.run<{ syncer: { state: string } }>('{ syncer { state } }');
    return syncer.state === 'RUNNING';
  });
}
