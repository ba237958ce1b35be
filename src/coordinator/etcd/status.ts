import type { CoordinatorMember, CoordinatorStatus } from '../types.js';
import type { EtcdClient } from './client.js';
import { explain } from './failures.js';
import type { EtcdEndpoints } from './endpoints.js';
import type { Keyspace } from './keyspace.js';

/**
 * What the endpoints say about the cluster at this moment. Never throws; takes at most twice the deadline of a call.
 *
 * Reachable means that a read of our own keys was answered with the consent of a majority. The rest is for showing: some
 * versions of etcd 3.5 tell their status to root only (etcd-io/etcd, issue 21663), and then it is left out.
 */
export async function clusterStatus(
  endpoints: EtcdEndpoints,
  keyspace: Keyspace,
): Promise<CoordinatorStatus> {
  const looks = await Promise.all(endpoints.clients.map((client) => look(client, keyspace)));
  const reached = looks.filter(({ revision }) => revision !== null);
  // A partitioned member may still name the leader of an older term.
  const newest = looks
    .flatMap(({ status }) => (status !== null && status.leader !== '0' ? [status] : []))
    .sort((a, b) => Number(BigInt(b.raftTerm) - BigInt(a.raftTerm)))[0];
  const answeredRevision = reached.reduce(
    (max, { revision }) => (revision !== null && revision > max ? revision : max),
    0n,
  );
  const members =
    looks.find((each) => each.status === newest && each.members.length > 0) ??
    looks.find((each) => each.members.length > 0);
  return {
    reachable: reached.length > 0,
    reason:
      reached.length > 0
        ? null
        : looks.map(({ client, refusal }) => `${client.endpoint}: ${refusal}`).join('; '),
    alarms: [...new Set(looks.flatMap(({ alarms }) => alarms))],
    revision: answeredRevision,
    answeredRevision,
    members: (members?.members ?? []).map((member): CoordinatorMember => ({
      id: BigInt(member.ID).toString(16),
      name: member.name,
      peerUrls: member.peerURLs,
      clientUrls: member.clientURLs,
      isLearner: member.isLearner,
      isLeader: member.ID === newest?.leader,
    })),
  };
}

/** One endpoint; what it does not tell is null or empty. */
async function look(client: EtcdClient, keyspace: Keyspace) {
  const [read, status, list, alarms] = await Promise.allSettled([
    client.kv.range({ ...keyspace.range(''), limit: 1, keys_only: true }),
    client.maintenance.status(),
    client.cluster.memberList({}),
    client.maintenance.alarm({ action: 'Get', memberID: '0', alarm: 'None' }),
  ]);
  return {
    client,
    revision: read.status === 'fulfilled' ? BigInt(read.value.header.revision) : null,
    refusal: read.status === 'rejected' ? explain(read.reason) : null,
    status: status.status === 'fulfilled' ? status.value : null,
    members: list.status === 'fulfilled' ? list.value.members : [],
    alarms:
      alarms.status === 'fulfilled'
        ? alarms.value.alarms.map(({ alarm }) => String(alarm).toUpperCase())
        : [],
  };
}
