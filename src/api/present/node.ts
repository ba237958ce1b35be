import { collections } from '../../cluster/records.js';
import type { Problem as KnownProblem } from '../../cluster/problems/problem-book.js';
import type { Services } from '../context.js';
import type { Node } from '../types/node.js';
import { Problem } from '../types/problem.js';
import { presentAction } from './actions.js';
import { presentNamedServer, presentSlaves } from './binlog-servers.js';
import { presentGroupNumber } from './groups.js';
import { presentMemberNamed } from './members.js';
import { presentOperationId } from './operations.js';
import { presentProxyNamed } from './proxies.js';

/** Any object by its id; null when there is none. */
export function presentNode(id: string, services: Services): Node | null {
  const [kind, name = '', part] = id.split('/', 3);
  if (kind === 'member') return presentMemberNamed(name, services);
  if (kind === 'group') return presentGroupNumber(Number(name), services);
  if (kind === 'proxy') return presentProxyNamed(name, services);
  if (kind === 'binlogServer') return presentNamedServer(name, services);
  if (kind === 'slave' && part !== undefined)
    return presentSlaves(name, services).find((slave) => slave.id === id) ?? null;
  if (kind === 'problem') {
    const problem = services.problems.list().find((each) => each.id === id);
    return problem ? presentProblem(problem, services) : null;
  }
  const action = services.view.get(collections.actions, id);
  return action ? presentAction(action, services) : presentOperationId(id, services);
}

export function presentProblem(problem: KnownProblem, services: Services): Problem {
  const { consequence, remedies, subject } = problem;
  return Object.assign(new Problem(), {
    ...problem,
    consequence: { ...consequence, binlogServersAffected: [...consequence.binlogServersAffected] },
    remedies: remedies.map((remedy) => ({ ...remedy, documentation: 'docs/operating.md#problems' })),
    // Operations bear their id without a kind.
    object: subject.includes('/') ? presentNode(subject.replace(/^operation\//, ''), services) : null,
  });
}
