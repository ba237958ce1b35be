import { MEMBERSHIP_KEY, membershipCollections } from '../../../../src/cluster/membership/records.js';
import type { CatchUpLimit } from '../../../../src/binlog/replication/catch-up.js';
import type { HostPort } from '../../../../src/common/address.js';
import { EmbeddedCoordinator } from '../../../../src/coordinator/index.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../tmp.js';
import { ReplicaMember } from './replica-member.js';

/** Several members over one coordinator, all in this process. */
export class ReplicaCluster {
  readonly members = new Map<string, ReplicaMember>();
  private readonly addresses = new Map<string, HostPort>();
  private readonly directory = temporaryDirectory('replicas');

  private constructor(
    readonly coordinator: EmbeddedCoordinator,
    private readonly segmentBytes: number,
    private readonly catchUpLimit: CatchUpLimit,
  ) {}

  static async start(
    names: readonly string[],
    { segmentBytes = 50_000, catchUpLimit = { bytesPerSecond: 2 ** 30 } as CatchUpLimit } = {},
  ): Promise<ReplicaCluster> {
    const directory = temporaryDirectory('replica-coordinator');
    const coordinator = new EmbeddedCoordinator({ directory });
    await coordinator.start();
    const cluster = new ReplicaCluster(coordinator, segmentBytes, catchUpLimit);
    await cluster.name(names);
    for (const name of names) await cluster.run(name);
    return cluster;
  }

  /** Makes these the members, all with a vote unless named as learners. */
  async name(voters: readonly string[], learners: readonly string[] = []): Promise<void> {
    const entry = (name: string, role: 'VOTER' | 'LEARNER') => ({
      ...{ name, id: name, role, peerUrls: [], adminUrls: [] },
      addedAt: new Date(0).toISOString(),
      operation: null,
    });
    const members = [
      ...voters.map((name) => entry(name, 'VOTER')),
      ...learners.map((name) => entry(name, 'LEARNER')),
    ];
    const value = membershipCollections.membership.encode({ members, removed: [] });
    await this.coordinator.commit({ conditions: [], operations: [{ put: MEMBERSHIP_KEY, value }] });
  }

  async run(name: string): Promise<ReplicaMember> {
    const member = await ReplicaMember.start({
      coordinator: this.coordinator,
      name,
      directory: `${this.directory}/${name}`,
      segmentBytes: this.segmentBytes,
      catchUpLimit: this.catchUpLimit,
      addresses: this.addresses,
    });
    this.members.set(name, member);
    return member;
  }

  member(name: string): ReplicaMember {
    return this.members.get(name)!;
  }

  async halt(name: string): Promise<void> {
    await this.member(name).stop();
    this.members.delete(name);
  }

  async stop(): Promise<void> {
    for (const name of [...this.members.keys()]) await this.halt(name);
    await this.coordinator.stop();
    removeTemporaryDirectory(this.directory);
    for (const directory of this.coordinator.endpoints) removeTemporaryDirectory(directory);
  }
}
