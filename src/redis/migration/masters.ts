import { QuorateError } from '../../common/errors.js';
import type { Endpoint } from '../routing-table.js';
import { parseInfo, withClient } from '../server-client.js';
import type { Topology } from '../topology/topology.js';

/** A server is not what moves need of a group's master; the message says what it is instead. */
export class NotMasterError extends QuorateError {
  constructor(address: string, group: number, why: string) {
    super(
      'NOT_MASTER',
      `${address} is to be the master of group ${group}, but ${why}. Its keys are not the group's, so that no slot moves ` +
        'from or to it until it is a master again.',
    );
  }
}

/** How to reach a group's master; throws when it has none. */
export function requireMaster(topology: Topology, group: number): Endpoint {
  const master = topology.masterEndpoint(group);
  if (!master) throw new QuorateError('NO_MASTER', `Group ${group} has no master.`);
  return master;
}

/** What a master was when it was looked at. */
export interface MasterState {
  readonly address: string;
  /**
   * The replication id of the master: another one means that it has been started again, or has followed another server meanwhile, and
   * may hold other keys than before.
   */
  readonly history: string;
  readonly usedMemory: number;
  /** 0 without a limit. */
  readonly maxMemory: number;
}

/** Asks a group's server what it is. @throws NotMasterError unless it is a master that serves its data */
export function lookAtMaster(server: Endpoint, group: number): Promise<MasterState> {
  const { address } = server;
  return withClient(server, { connectionName: 'quorate-check' }, async (client) => {
    const info = parseInfo(await client.info());
    if (info.get('role') !== 'master') {
      const link = info.get('master_link_status') === 'up' ? '' : ', to which its link is down';
      const master = `${info.get('master_host')}:${info.get('master_port')}`;
      throw new NotMasterError(address, group, `it is a replica of ${master}${link}`);
    }
    if (info.get('loading') === '1')
      throw new NotMasterError(address, group, 'it is loading its data from disk');
    if (info.get('cluster_enabled') === '1')
      throw new NotMasterError(address, group, 'it runs in cluster mode');
    return {
      address,
      history: info.get('master_replid') ?? '',
      usedMemory: Number(info.get('used_memory') ?? 0),
      maxMemory: Number(info.get('maxmemory') ?? 0),
    };
  });
}

/** A master that is no longer what it was when its slots set out may have lost keys, or hold others. */
export function requireSameHistory(before: MasterState, now: MasterState, group: number): void {
  if (before.address === now.address && before.history === now.history) return;
  throw new NotMasterError(
    now.address,
    group,
    'it was started again, or followed another server, while slots moved; resuming looks at all of their keys anew',
  );
}
