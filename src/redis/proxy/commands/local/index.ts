import type { RequestSession } from '../../session/request-session.js';
import { client } from './client.js';
import { commandCommand } from './command-command.js';
import { config } from './config.js';
import { auth, echo, hello, ping, quit, reset, select, time } from './connection.js';
import { info } from './info.js';

/** Answers the session's current request, whose arguments are given, name included. */
export type LocalCommand = (session: RequestSession, args: readonly Buffer[]) => void;

const HANDLERS: Readonly<Record<string, LocalCommand>> = {
  auth,
  client,
  command: commandCommand,
  config,
  echo,
  hello,
  info,
  ping,
  quit,
  reset,
  select,
  time,
};

/** Answers a command whose disposition is `local`. */
export function answerLocally(session: RequestSession, name: string): void {
  const { source, base, request } = session;
  const args: Buffer[] = [];
  for (let i = 0; i < request.argc; i++) {
    args.push(source.subarray(base + request.argStart[i]!, base + request.argEnd[i]!));
  }
  HANDLERS[name]!(session, args);
}
