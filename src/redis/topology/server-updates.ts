import { errorMessage } from '../../common/errors.js';
import type { SecretBox } from '../../common/secret-box.js';
import { checkExpectedRevision, type Proposals, type Proposed } from '../../cluster/proposals.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';
import { groupChanged, requireGroup, requireServer } from './group-changes.js';
import { probeServer } from './probe.js';
import { topologyCollections as collections, type ServerRecord } from './records.js';
import { passwordContext, type Topology } from './topology.js';

export interface UpdateServer {
  readonly group: number;
  readonly address: string;
  /** Undefined: as it is; null: the server asks for none. */
  readonly password?: string | null | undefined;
  /** Undefined: as it is. */
  readonly dataCenter?: string | null | undefined;
  readonly dryRun: boolean;
  readonly expectedRevision?: bigint | null | undefined;
}

/**
 * Changes what is recorded of a server.
 *
 * A password is proven at the server before it is stored. Connections that are open live on: a server asks for its
 * password when a connection is made. Proxies use the new one for connections that they open from then on, so no request fails
 * that would not have failed before.
 */
export class ServerUpdates {
  constructor(
    private readonly topology: Topology,
    private readonly proposals: Proposals,
    private readonly secrets: SecretBox,
    private readonly log: Logger,
  ) {}

  async update(input: UpdateServer, actor: string): Promise<Proposed | null> {
    const group = requireGroup(this.topology, input.group, 'input.group');
    const server = requireServer(group.value, input.address);
    checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
    if (input.password !== undefined) {
      await probeServer({ address: server.address, password: input.password });
    }
    if (input.dryRun) return null;
    const proposed = await this.store(input, actor);
    if (input.password !== undefined && server.type === 'MASTER')
      await this.tellReplicas(input.group, input.password);
    return proposed;
  }

  private store(input: UpdateServer, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const group = requireGroup(this.topology, input.group, 'input.group');
      checkExpectedRevision(input.expectedRevision, group.revision, `Group ${input.group}`);
      const server = requireServer(group.value, input.address);
      const changed = this.changed(server, input);
      if (changed === null) return null;
      const servers = group.value.servers.map((each) => (each === server ? changed : each));
      const key = collections.groups.key(input.group);
      const what = [
        ...(changed.password === server.password ? [] : ['password']),
        ...(changed.dataCenter === server.dataCenter ? [] : ['data centre']),
      ];
      return {
        conditions: [{ key, modRevision: group.revision }],
        operations: [{ put: key, value: collections.groups.encode({ ...group.value, servers }) }],
        action: groupChanged(
          this.topology,
          input.group,
          `New ${what.join(' and ')} of server ${server.address}`,
          actor,
        ),
      };
    });
  }

  /** Null: nothing would change. */
  private changed(server: ServerRecord, { password, dataCenter }: UpdateServer): ServerRecord | null {
    const isSame = password === undefined || this.topology.endpoint(server).password === password;
    const sealed = password == null ? null : this.secrets.seal(password, passwordContext(server.address));
    const next = {
      ...server,
      password: isSame ? server.password : sealed,
      dataCenter: dataCenter === undefined ? server.dataCenter : dataCenter,
    };
    return next.password === server.password && next.dataCenter === server.dataCenter ? null : next;
  }

  /** A replica that loses its link logs in anew. One that cannot be told now shows up with a broken link then. */
  private async tellReplicas(number: number, password: string | null): Promise<void> {
    const replicas = (this.topology.group(number)?.value.servers ?? []).filter(
      ({ type }) => type === 'SLAVE',
    );
    await Promise.all(
      replicas.map(async (replica) => {
        try {
          const endpoint: Endpoint = this.topology.endpoint(replica);
          await withClient(endpoint, { connectionName: 'quorate-update' }, async (client) => {
            await client.config('SET', 'masterauth', password ?? '');
            await client.config('REWRITE').catch(() => undefined);
          });
        } catch (error) {
          const reason = errorMessage(error);
          this.log.warn(
            { replica: replica.address, reason },
            "A replica does not know its master's new password",
          );
        }
      }),
    );
  }
}
