import type { Proposed } from '../../cluster/proposals.js';
import type { PayloadFields } from '../types/payload.js';

/** The payload of a change that was made; a null proposal means that everything was as wanted already. */
export function presentChange<R extends object>(proposed: Proposed | null, result: R): PayloadFields & R {
  return { userErrors: [], revision: proposed?.revision ?? null, proposal: proposed, ...result };
}
