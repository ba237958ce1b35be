import { commandIndex } from '../commands/table.js';
import { encodeCommand } from '../resp/encode.js';
import { BackendError } from './backend-error.js';
import type { BackendConnection } from './connection.js';
import type { Ask } from './one-shot.js';
import { SLOTS_OF_TARGET, type ReplyTarget } from './reply-target.js';

const CLIENT = commandIndex('client');

/** Asks over a connection that clients' requests use too; counts for no slot. Rejects with a BackendError. */
export function askOver(connection: BackendConnection): Ask {
  return (...words) =>
    new Promise((resolve, reject) => {
      if (connection.isClosed) return reject(new BackendError('the connection was lost'));
      const target: ReplyTarget = {
        takeReply: (_token, bytes, start, end) => resolve(Buffer.from(bytes.subarray(start, end))),
        takeFailure: (_token, error) =>
          reject(new BackendError(error.toString('utf8', '-ERR quorate: '.length, error.length - 2))),
        slotCount: () => 0,
        slotAt: () => {
          throw new RangeError('It counts for no slot.');
        },
      };
      const request = encodeCommand(words);
      connection.send(target, 0, SLOTS_OF_TARGET, CLIENT, request, 0, request.length, true);
    });
}
