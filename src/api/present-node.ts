import { collections } from '../cluster/records.js';
import type { Problem as KnownProblem } from '../cluster/problems/problem-book.js';
import type { Services } from './context.js';
import { presentNamedServer, presentSlaves } from './present-binlog.js';
import {
  presentAction,
  presentGroupNumber,
  presentMemberNamed,
  presentOperationId,
  presentProxy,
} from './present.js';
import type { Node } from './types/node.js';
import { Problem } from './types/problem.js';

/** Any object by its id; null when there is none. */
export function presentNode(id: string, services: Services): Node | null {
  const [kind, name = '', part] = id.split('/', 3);
  if (kind === 'member') return presentMemberNamed(name, services);
  if (kind === 'group') return presentGroupNumber(Number(name), services);
  if (kind === 'proxy') {
    const proxy = services.topology.proxy(name);
    return proxy ? presentProxy(proxy, services) : null;
  }
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
