import type { Finding } from './finding.js';

export type Health = 'OK' | 'DEGRADED' | 'DOWN';

/** `DOWN`: a CRITICAL problem is known; `DEGRADED`: none but WARNINGs; `OK`: no problem. */
export function healthOf(problems: readonly Pick<Finding, 'severity'>[]): Health {
  if (problems.some(({ severity }) => severity === 'CRITICAL')) return 'DOWN';
  return problems.length > 0 ? 'DEGRADED' : 'OK';
}
