import type { CoordinatorMember, CoordinatorStatus } from '../types.js';
import type { EtcdEndpoints } from './endpoints.js';

/**
 * What the endpoints say about the cluster at this moment. Never throws; takes at most twice the deadline of
 * a call. Reachable means that a member answers which knows a leader.
 */
export async function clusterStatus(endpoints: EtcdEndpoints): Promise<CoordinatorStatus> {
  const answers = await Promise.allSettled(
    endpoints.clients.map(async (client) => {
      const status = await client.maintenance.status();
      const { members } = await client.cluster.memberList({});
      return { status, members };
    }),
  );
  const reached = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  // A partitioned member may still name the leader of an older term.
  const newest = reached
    .filter(({ status }) => status.leader !== '0')
    .sort((a, b) => Number(BigInt(b.status.raftTerm) - BigInt(a.status.raftTerm)))[0];
  const source = newest ?? reached[0];
  const revisions = reached.map(({ status }) => BigInt(status.header.revision));

  return {
    reachable: newest !== undefined,
    revision: revisions.reduce((max, revision) => (revision > max ? revision : max), 0n),
    members: (source?.members ?? []).map((member): CoordinatorMember => ({
      id: BigInt(member.ID).toString(16),
      name: member.name,
      peerUrls: member.peerURLs,
      clientUrls: member.clientURLs,
      isLearner: member.isLearner,
      isLeader: member.ID === newest?.status.leader,
    })),
  };
}
