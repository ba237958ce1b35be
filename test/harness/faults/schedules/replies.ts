import type { Reply } from '../../checkers/history/history.js';
import { NOT_AN_INTEGER } from '../../checkers/history/register.js';

/** Errors that prove that the request was not executed anywhere. Everything else leaves that open. */
const NOT_EXECUTED =
  /^-(CROSSSLOT|LOADING|OOM|ERR quorate: (slot \d+ is (held|offline)|the proxy has no (routes|live session)|bringing keys over))/;
const NO_INTEGER = '-ERR value is not an integer or out of range';

/** Whether the request failed; that a text is no number is a proper answer to INCR. */
export function isError(reply: string): boolean {
  return reply.startsWith('-') && reply !== NO_INTEGER;
}

/** Whether an error proves that the request was not executed anywhere. */
export function isNotExecuted(reply: string): boolean {
  return NOT_EXECUTED.test(reply);
}

/** A reply as it is on the wire. */
export function replyOf(reply: string): Reply {
  if (reply === NO_INTEGER) return NOT_AN_INTEGER;
  if (reply.startsWith(':')) return Number(reply.slice(1));
  if (reply === '$-1') return null;
  if (reply.startsWith('$')) return reply.slice(reply.indexOf('\r\n') + 2);
  return reply.slice(1);
}

/** What all keys of a tag hold; something nobody ever wrote when they differ. */
export function togetherOf(reply: string): Reply {
  const values = elementsOf(reply);
  return values.every((value) => value === values[0]) ? values[0]! : `torn: ${JSON.stringify(values)}`;
}

/** The elements of an array of texts, none of which has a dollar sign in it. */
export function elementsOf(reply: string): Reply[] {
  return reply
    .slice(reply.indexOf('\r\n') + 2)
    .split(/(?=\$-1|\$\d+\r\n)/)
    .map((part) => replyOf(part.replace(/\r\n$/, '')));
}
