import type { Socket } from 'node:net';
import type { FromWorker, ToWorker } from './messages.js';
import { Worker } from './worker.js';

/**
 * The entry of a worker process. It is told everything by the process that started it and ends with it: what it
 * may do was given to that one.
 */
const [name = '', number = ''] = process.argv.slice(2);
process.title = `quorate proxy ${name}, worker ${number}`;

process.once('disconnect', () => process.exit());
// These reach all processes of a terminal or a service at once; the one that started this one says when to stop.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);

const emit = (message: FromWorker): void => {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
};

const worker = new Worker(emit);
process.on('message', (message: ToWorker, socket: Socket | undefined) => worker.take(message, socket));
emit({ type: 'ready' });
