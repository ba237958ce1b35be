import { parseAddress } from '../../common/address.js';
import { errorMessage } from '../../common/errors.js';
import { withoutSecret } from '../../common/without-secret.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Endpoint } from '../routing-table.js';
import { parseInfo, withClient } from '../server-client.js';
import { isSameAddress } from './aliases.js';
import { masterAddressOf } from './probe.js';
import type { Topology } from './topology.js';

/**
 * Tells a group's replicas what has changed of their master: one that loses its link logs in anew, and finds it where it is
 * now. One that cannot be told shows up with a broken link when it loses that.
 */
export class ReplicasTold {
  constructor(
    private readonly topology: Topology,
    private readonly log: Logger,
  ) {}

  /** @param formerAddress where the replicas know their master; undefined when it is where it was */
  async point(group: number, master: Endpoint, formerAddress?: string): Promise<void> {
    const servers = this.topology.group(group)?.value.servers ?? [];
    const replicas = servers.filter(({ type }) => type === 'SLAVE');
    await Promise.all(
      replicas.map(async (replica) => {
        try {
          await this.tellOne(this.topology.endpoint(replica), master, formerAddress);
        } catch (error) {
          const reason = withoutSecret(errorMessage(error), master.password);
          this.log.warn(
            { replica: replica.address, master: master.address, reason },
            'A replica does not know what has changed of its master',
          );
        }
      }),
    );
  }

  private async tellOne(replica: Endpoint, master: Endpoint, formerAddress?: string): Promise<void> {
    await withClient(replica, { connectionName: 'quorate-update' }, async (client) => {
      if (formerAddress === undefined || master.password !== null)
        await client.config('SET', 'masterauth', master.password ?? '');
      if (formerAddress !== undefined) {
        const info = parseInfo(await client.info('replication'));
        // Told to follow somebody, any other server would lose what it holds.
        if (info.get('role') !== 'slave') throw new Error('it is a master');
        const follows = masterAddressOf(info);
        if (!(await isSameAddress(follows, master.address))) {
          if (!(await isSameAddress(follows, formerAddress))) throw new Error(`it follows ${follows}`);
          const { host = '', port = 0 } = parseAddress(master.address) ?? {};
          await client.replicaof(host, port);
        }
      }
      await client.config('REWRITE').catch(() => undefined);
    });
  }
}
