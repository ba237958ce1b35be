import { array, bulk } from '../../resp/encode.js';
import type { RequestSession } from '../../session/request-session.js';
import { DATABASE_COUNT } from '../../../slots.js';
import { globOf } from './glob.js';

/** What tools ask for when they connect. The proxy keeps no data, so it saves none. */
const SETTINGS: Readonly<Record<string, (session: RequestSession) => string>> = {
  appendonly: () => 'no',
  databases: () => String(DATABASE_COUNT),
  maxclients: ({ context }) => String(context.limits.maxClients),
  // The proxy itself keeps nothing that could grow too large.
  maxmemory: () => '0',
  'maxmemory-policy': () => 'noeviction',
  save: () => '',
  timeout: () => '0',
};

/** CONFIG GET of a few names, by patterns; a proxy is configured through its own API. */
export function config(session: RequestSession, args: readonly Buffer[]): void {
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
  const asked = args.slice(2).map((arg) => globOf(arg.toString('latin1')));
  const found = Object.entries(SETTINGS).filter(([name]) => asked.some((glob) => glob.test(name)));
  session.replies.answer(array(found.flatMap(([name, value]) => [bulk(name), bulk(value(session))])));
}
