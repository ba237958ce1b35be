import type { Problem as KnownProblem } from '../../cluster/problems/problem-book.js';
import { Problem } from '../types/problem.js';

export function presentProblem(problem: KnownProblem): Problem {
  const { consequence, remedies } = problem;
  return Object.assign(new Problem(), {
    ...problem,
    consequence: { ...consequence, binlogServersAffected: [...consequence.binlogServersAffected] },
    remedies: remedies.map((remedy) => ({ ...remedy, documentation: 'docs/operating.md#problems' })),
  });
}
