import { COORDINATOR_FAULTS } from './coordinator-faults.js';
import type { Fault } from './fault.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { OPERATION_FAULTS } from './operation-changes.js';
import type { FaultKind, PlannedFault } from './plan.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { PROXY_FAULTS } from './proxy-faults.js';
import type { Run } from './run.js';

const FAULTS: Record<FaultKind, Fault> = {
  ...PROCESS_FAULTS,
  ...PROXY_FAULTS,
  ...NETWORK_FAULTS,
  ...COORDINATOR_FAULTS,
  ...OPERATION_FAULTS,
};

/** Injects a fault now and resolves when it has been mended. */
export function inject(run: Run, fault: PlannedFault): Promise<void> {
  return FAULTS[fault.kind](run, fault);
}
