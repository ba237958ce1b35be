import { randomUUID } from 'node:crypto';
import { EtcdCoordinator, type EtcdCoordinatorOptions } from '../../../src/coordinator/index.js';
import type { EtcdCluster } from '../../harness/servers/etcd.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';
import type { Fixture } from './harness.js';

/** Clients of one fresh root in a running cluster; those of `viaRelay` can be cut off. */
export class EtcdRoot {
  readonly root = `/quorate/${randomUUID()}/`;
  private readonly coordinators: EtcdCoordinator[] = [];
  private readonly relays: TcpRelay[] = [];

  constructor(private readonly cluster: EtcdCluster) {}

  async connect(options: Partial<EtcdCoordinatorOptions> = {}): Promise<EtcdCoordinator> {
    const coordinator = new EtcdCoordinator({
      endpoints: this.cluster.endpoints,
      root: this.root,
      callTimeoutMs: 2_000,
      ...options,
    });
    this.coordinators.push(coordinator);
    await coordinator.start();
    return coordinator;
  }

  /** A relay in front of a member, the first by default. */
  async relay(port = this.cluster.first.clientPort): Promise<TcpRelay> {
    const relay = await TcpRelay.start(port);
    this.relays.push(relay);
    return relay;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.coordinators.map((coordinator) => coordinator.stop()));
    await Promise.all(this.relays.map((relay) => relay.stop()));
  }
}

export async function openEtcdFixture(cluster: EtcdCluster): Promise<Fixture> {
  const root = new EtcdRoot(cluster);
  const relays = await Promise.all(cluster.members.map((member) => root.relay(member.clientPort)));
  const coordinator = await root.connect({ endpoints: relays.map((relay) => relay.address) });
  return {
    coordinator,
    other: () => root.connect(),
    async abandon() {
      for (const relay of relays) relay.cut();
      return root.connect();
    },
    dispose: () => root.dispose(),
  };
}
