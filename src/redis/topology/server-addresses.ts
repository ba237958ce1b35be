import { formatAddress, parseAddress } from '../../common/address.js';
import { refuse } from '../../common/refused.js';
import type { Endpoint } from '../routing-table.js';
import { parseInfo, withClient } from '../server-client.js';
import { findByRunId } from './aliases.js';
import type { ServerMonitor } from './monitor.js';
import { probeServer, type ProbedServer } from './probe.js';
import { topologyCollections as collections, type GroupRecord, type ServerRecord } from './records.js';
import type { Topology } from './topology.js';

const FIELD = 'newAddress';

/** The new address as it is stored. */
export function normalAddress(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) refuse('INVALID_INPUT', FIELD, `"${address}" is not of the form HOST:PORT.`);
  return formatAddress(parsed);
}

/**
 * Proves that what answers at another address is the server that a group has: the same process, by its run id, or, of a
 * replica, one that has its master's data, which nobody else writes to.
 *
 * A master that was started again elsewhere is refused. Nothing that it says of itself proves that it has the last write of
 * the process before it, nor that a proxy which is cut off does not write to that one still.
 */
export class ServerAddresses {
  constructor(
    private readonly topology: Topology,
    private readonly monitor: Pick<ServerMonitor, 'lastRunId'>,
  ) {}

  /** Refuses an address that another server has, an operation that goes on, and what is not proven. */
  async prove(group: GroupRecord, server: ServerRecord, to: Endpoint): Promise<ProbedServer> {
    this.check(group, server, to.address);
    const probed = await probeServer(to, FIELD);
    await this.refuseOther(server, probed);
    const isReplica = probed.role === 'slave';
    if (isReplica !== (server.type === 'SLAVE')) {
      const [is, recorded] = isReplica ? ['a replica', 'master'] : ['a master', 'replica'];
      refuse(
        'PRECONDITION_FAILED',
        FIELD,
        `${to.address} is ${is}, but ${server.address} is recorded as the ${recorded} of group ${group.number}.`,
      );
    }
    if (!(await this.isSameProcess(server, to, probed))) await this.requireSuccessor(group, server, probed);
    return probed;
  }

  /** What is asked again when the change is written: the state may have changed meanwhile. */
  check({ number }: GroupRecord, { address }: ServerRecord, newAddress: string): void {
    const claimed = this.topology.view.get(collections.servers, newAddress);
    if (claimed) refuse('ALREADY_EXISTS', FIELD, `${newAddress} is in group ${claimed.value.group} already.`);
    const operation = this.topology.operationWith(number);
    if (operation !== undefined) {
      refuse(
        'IN_USE',
        'group',
        `Operation ${operation} has plans with group ${number}; cancel it, or wait for its end.`,
      );
    }
    if (this.topology.isAbandoned(address)) {
      refuse(
        'PRECONDITION_FAILED',
        'address',
        `${address} was given up, with the requests that were on their way to it. Remove it, and add ${newAddress} anew.`,
      );
    }
  }

  private async refuseOther(server: ServerRecord, { address, runId }: ProbedServer): Promise<void> {
    const others = this.topology.servers().filter((other) => other.address !== server.address);
    const recorded = this.topology.view.get(collections.identities, runId)?.value.address;
    const same =
      others.find((other) => other.address === recorded)?.address ??
      (await findByRunId(
        others.map((other) => this.topology.endpoint(other)),
        runId,
      ));
    if (same === undefined) return;
    const group = this.topology.view.get(collections.servers, same)?.value.group;
    refuse('ALREADY_EXISTS', FIELD, `${address} is the server ${same} of group ${group}.`);
  }

  /** Refuses when both addresses are answered, by two processes. */
  private async isSameProcess(server: ServerRecord, to: Endpoint, probed: ProbedServer): Promise<boolean> {
    const { address, runId } = server;
    if (runId === probed.runId || this.monitor.lastRunId(address) === probed.runId) return true;
    const here =
      (await runIdOf({ address, password: to.password })) ?? (await runIdOf(this.topology.endpoint(server)));
    if (here === undefined || here === probed.runId) return here !== undefined;
    return refuse(
      'PRECONDITION_FAILED',
      FIELD,
      `${to.address} is not the server ${address}: both answer, and they are two processes. Add ${to.address} as a ` +
        'server of its own.',
    );
  }

  private async requireSuccessor(
    group: GroupRecord,
    server: ServerRecord,
    probed: ProbedServer,
  ): Promise<void> {
    const { address } = server;
    if (server.type === 'MASTER') {
      refuse(
        'PRECONDITION_FAILED',
        FIELD,
        `${address} does not answer, and ${probed.address} is another process: that it has the last write, and that ` +
          `nobody writes to ${address} any more, cannot be proven. Add ${probed.address} to a new group and assign the ` +
          'slots to that with assignSlots: force, acceptDataLoss, keysAtTarget KEEP.',
      );
    }
    const master = this.topology.masterEndpoint(group.number);
    const history = master === undefined ? undefined : (await probeServer(master)).history;
    if (probed.masterLinkUp && probed.history === history) return;
    refuse(
      'PRECONDITION_FAILED',
      FIELD,
      `${address} does not answer, and ${probed.address} is a replica of ${probed.masterAddress} without the data of ` +
        `this group's master. Have it follow ${master?.address ?? 'that'}, or remove ${address} and add ${probed.address}.`,
    );
  }
}

/** Undefined when it does not answer, or does not let us in. */
async function runIdOf(server: Endpoint): Promise<string | undefined> {
  return withClient(server, { connectionName: 'quorate-probe' }, async (client) =>
    parseInfo(await client.info('server')).get('run_id'),
  ).catch(() => undefined);
}
