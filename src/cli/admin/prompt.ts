import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { FailedError } from './exit-status.js';
import { printable } from './table.js';

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks on the terminal for a line. Ctrl-C aborts the signal, as it does elsewhere; Ctrl-D gives no answer.
 * @param isHidden whether what is typed is not to be seen
 */
export async function ask(question: string, isHidden: boolean, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? nowhere : process.stderr,
    terminal: true,
  });
  // In a terminal that readline has taken over, the keys come to it and not to the process.
  lines.once('SIGINT', () => process.emit('SIGINT'));
  const closed = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new FailedError('No answer was given; nothing was done.')));
  });
  closed.catch(() => undefined);
  if (isHidden) process.stderr.write(printable(question));
  try {
    return await Promise.race([lines.question(isHidden ? '' : printable(question), { signal }), closed]);
  } finally {
    lines.close();
    if (isHidden || signal.aborted) process.stderr.write('\n');
  }
}
