import type { Operations } from '../../cluster/operations.js';
import type { Finding } from '../../cluster/problems.js';
import type { ServerMonitor } from './monitor.js';
import type { Topology } from './topology.js';

/** How long a new process may take to be asked for the first time, in milliseconds. */
const GRACE_MS = 3_000;

/** What is wrong in the Redis half, as far as this member sees it. */
export function redisFindings(topology: Topology, monitor: ServerMonitor, operations: Operations): Finding[] {
  return [
    ...serverFindings(topology, monitor),
    ...proxyFindings(topology),
    ...operations
      .list(['PAUSED'])
      .filter(({ value }) => value.error !== null)
      .map(({ id, value }): Finding => {
        return {
          severity: 'WARNING',
          subject: `operation/${id}`,
          message: `${value.title} is paused: ${value.error}`,
        };
      }),
  ];
}

function serverFindings(topology: Topology, monitor: ServerMonitor): Finding[] {
  const findings: Finding[] = [];
  for (const server of topology.servers()) {
    const { reachable, problem } = monitor.status(server.address);
    if (problem === null) continue;
    const severity = server.type === 'MASTER' && !reachable ? 'CRITICAL' : 'WARNING';
    findings.push({ severity, subject: `server/${server.address}`, message: problem });
  }
  return findings;
}

function proxyFindings(topology: Topology): Finding[] {
  const findings: Finding[] = [];
  for (const { record, alive, ack } of topology.activeProxies()) {
    const subject = `proxy/${record.id}`;
    if (!alive) {
      findings.push({
        severity: 'CRITICAL',
        subject,
        message: `Proxy ${record.id} is not in touch with the coordinator; until it is back or removed, no slot can move.`,
      });
    } else if (ack?.waitingFor && Date.now() - Date.parse(record.value.startedAt) > GRACE_MS) {
      findings.push({
        severity: 'WARNING',
        subject,
        message: `Proxy ${record.id} lags behind: ${ack.waitingFor}`,
      });
    }
  }
  return findings;
}
