import { error, OK } from '../resp/encode.js';
import type { RequestSession } from './request-session.js';

const ABORTED = error('EXECABORT Transaction discarded because of previous errors.');
const NESTED = error('ERR MULTI calls can not be nested');

/**
 * Answers a command that follows a refused MULTI, and belongs to its transaction: a client that sends all at once
 * does not know yet that there is none. None of them is executed, and EXEC says so, so that a transaction is never
 * carried out in part. It ends as in Redis: with EXEC, DISCARD, RESET or QUIT.
 *
 * @param name of the command, in small letters
 * @returns false for commands that are executed nevertheless
 */
export function answerInRefusedTransaction(session: RequestSession, name: string): boolean {
  switch (name) {
    case 'quit':
      return false;
    case 'reset':
      session.setInRefusedTransaction(false);
      return false;
    case 'exec':
      session.setInRefusedTransaction(false);
      return session.refuseWith(ABORTED);
    case 'discard':
      session.setInRefusedTransaction(false);
      session.replies.answer(OK);
      return true;
    case 'multi':
      return session.refuseWith(NESTED);
    default:
      return session.refuse(
        `ERR quorate: '${name.toUpperCase()}' is not executed: it follows a MULTI that was refused; ` +
          'EXEC or DISCARD ends that transaction',
      );
  }
}
