import { array, bulk } from '../../resp/encode.js';
import type { Session } from '../../session/session.js';
import { DATABASE_COUNT } from '../../../slots.js';

/** What tools ask for when they connect. The proxy keeps no data, so it saves none. */
const SETTINGS = new Map([
  ['appendonly', 'no'],
  ['databases', String(DATABASE_COUNT)],
  ['save', ''],
]);

/** CONFIG GET of a few names; a proxy is configured through its own API. */
export function config(session: Session, args: readonly Buffer[]): void {
  if (args[1]!.toString('latin1').toLowerCase() !== 'get') {
    session.refuse(
      "ERR quorate: 'CONFIG' other than GET is refused: a proxy is not configured by its clients",
    );
    return;
  }
  if (args.length < 3) {
    session.refuse("ERR wrong number of arguments for 'config|get' command");
    return;
  }
  const answer: Buffer[] = [];
  for (const name of new Set(args.slice(2).map((arg) => arg.toString('latin1').toLowerCase()))) {
    const value = SETTINGS.get(name);
    if (value !== undefined) answer.push(bulk(name), bulk(value));
  }
  session.replies.answer(array(answer));
}
