import { errorOfKind } from '../error-replies.js';
import type { SlotGate } from '../slot-gate.js';

export function offlineReply(gate: SlotGate, slot: number): Buffer {
  return errorOfKind(
    'SLOT_OFFLINE',
    gate.hasTable ? `ERR quorate: slot ${slot} is offline` : 'ERR quorate: the proxy has no routes yet',
  );
}
