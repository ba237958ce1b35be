import { healthOf } from '../../cluster/problems/health.js';
import { collections } from '../../cluster/records.js';
import { VERSION } from '../../common/version.js';
import type { Services } from '../context.js';
import { Cluster } from '../types/cluster.js';
import { presentMemberNamed } from './members.js';
import { presentProblem } from './problems.js';

export function presentCluster(services: Services): Cluster {
  const leadership = services.view.get(collections.leadership, 'leader');
  const { status } = services.coordinatorWatch;
  const problems = services.problems.list();
  return Object.assign(new Cluster(), {
    id: `cluster/${services.clusterName}`,
    name: services.clusterName,
    coordinator: {
      kind: services.coordinator.kind,
      endpoints: [...services.coordinator.endpoints],
      reachable: status.reachable,
      revision: status.revision > services.view.revision ? status.revision : services.view.revision,
      members: status.members.map((member) => ({
        ...member,
        name: member.name || null,
        peerUrls: [...member.peerUrls],
        clientUrls: [...member.clientUrls],
      })),
    },
    leader: leadership ? presentMemberNamed(leadership.value.member, services) : null,
    epoch: leadership?.createRevision ?? null,
    health: healthOf(problems),
    problems: problems.map(presentProblem),
    featureLevel: services.features.common,
    version: VERSION,
  } satisfies Cluster);
}
