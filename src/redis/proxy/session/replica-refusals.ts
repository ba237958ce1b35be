import { ERROR_KINDS } from '../../error-kinds.js';
import { kindOfReply } from '../error-replies.js';

const ERROR_TYPE = 0x2d;
const OF_REPLICAS = new Set(['MASTERDOWN', 'LOADING', 'READONLY', 'BUSY', 'NOPERM', 'NOAUTH', 'MISCONF']);
const IS_OF_REPLICAS = Uint8Array.from(ERROR_KINDS, (kind) => Number(OF_REPLICAS.has(kind)));

/** Whether a replica says that it cannot answer, rather than what its master would say, too. */
export function isRefusalOfReplica(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === ERROR_TYPE && IS_OF_REPLICAS[kindOfReply(bytes, start)] === 1;
}
