import { error } from '../resp/encode.js';
import type { SlotGate } from '../slot-gate.js';

export function offlineReply(gate: SlotGate, slot: number): Buffer {
  return error(
    gate.hasTable ? `ERR quorate: slot ${slot} is offline` : 'ERR quorate: the proxy has no routes yet',
  );
}
