import { createHash, timingSafeEqual } from 'node:crypto';
import { DATABASE_COUNT } from '../../../slots.js';
import { array, bulk, EMPTY_ARRAY, integer, OK, simple } from '../../resp/encode.js';
import type { RequestSession } from '../../session/request-session.js';
import { CLIENT_NAME_ERROR, isClientName } from './client.js';
import { REDIS_VERSION } from './info.js';

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?';
const HELLO_NEEDS_AUTH =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH ' +
  '<user> <pass> option can be used to authenticate the client and select the RESP protocol version at ' +
  'the same time';

const PONG = simple('PONG');
const RESET = simple('RESET');

export function ping(session: RequestSession, args: readonly Buffer[]): void {
  if (args.length > 2) session.refuse("ERR wrong number of arguments for 'ping' command");
  else session.replies.answer(args.length === 1 ? PONG : bulk(args[1]!));
}

export function echo(session: RequestSession, args: readonly Buffer[]): void {
  session.replies.answer(bulk(args[1]!));
}

export function quit(session: RequestSession): void {
  session.replies.answer(OK);
  session.endWhenAnswered();
}

export function reset(session: RequestSession): void {
  session.selectDatabase(0);
  session.clientName = '';
  session.setAuthenticated(session.context.options.password === null);
  session.replies.answer(RESET);
}

export function select(session: RequestSession, args: readonly Buffer[]): void {
  const text = args[1]!.toString('latin1');
  if (!/^(0|-?[1-9]\d{0,9})$/.test(text)) {
    session.refuse('ERR value is not an integer or out of range');
    return;
  }
  const database = Number(text);
  if (database < 0 || database >= DATABASE_COUNT) {
    session.refuse('ERR DB index is out of range');
    return;
  }
  session.selectDatabase(database);
  session.replies.answer(OK);
}

export function auth(session: RequestSession, args: readonly Buffer[]): void {
  if (args.length > 3) {
    session.refuse('ERR syntax error');
    return;
  }
  if (args.length === 2 && session.context.options.password === null) {
    session.refuse(NO_PASSWORD);
    return;
  }
  const user = args.length === 3 ? args[1]!.toString() : 'default';
  if (authenticate(session, user, args.at(-1)!)) session.replies.answer(OK);
  else session.refuse(WRONG_PASSWORD);
}

/** HELLO [2 [AUTH user password] [SETNAME name]]; the protocol stays RESP2. */
export function hello(session: RequestSession, args: readonly Buffer[]): void {
  if (args.length > 1) {
    const version = args[1]!.toString('latin1');
    if (!/^-?\d{1,18}$/.test(version)) {
      session.refuse('ERR Protocol version is not an integer or out of range');
      return;
    }
    if (version !== '2') {
      session.refuse('NOPROTO unsupported protocol version');
      return;
    }
  }
  let name: Buffer | null = null;
  let credentials: readonly [Buffer, Buffer] | null = null;
  for (let i = 2; i < args.length; i++) {
    const option = args[i]!.toString('latin1').toLowerCase();
    if (option === 'auth' && i + 2 < args.length) {
      credentials = [args[i + 1]!, args[i + 2]!];
      i += 2;
    } else if (option === 'setname' && i + 1 < args.length) {
      name = args[++i]!;
    } else {
      session.refuse(`ERR Syntax error in HELLO option '${args[i]!.toString('latin1').slice(0, 64)}'`);
      return;
    }
  }
  if (name !== null && !isClientName(name)) {
    session.refuse(CLIENT_NAME_ERROR);
    return;
  }
  if (credentials !== null && !authenticate(session, credentials[0].toString(), credentials[1])) {
    session.refuse(WRONG_PASSWORD);
    return;
  }
  if (!session.authenticated) {
    session.refuse(HELLO_NEEDS_AUTH);
    return;
  }
  if (name !== null) session.clientName = name.toString();
  const fields: Uint8Array[] = [
    ...[bulk('server'), bulk('redis'), bulk('version'), bulk(REDIS_VERSION), bulk('proto'), integer(2)],
    ...[bulk('id'), integer(session.id), bulk('mode'), bulk('standalone'), bulk('role'), bulk('master')],
    ...[bulk('modules'), EMPTY_ARRAY],
  ];
  session.replies.answer(array(fields));
}

export function time(session: RequestSession): void {
  const millis = Date.now();
  const seconds = Math.floor(millis / 1000);
  session.replies.answer(array([bulk(String(seconds)), bulk(String((millis % 1000) * 1000))]));
}

function authenticate(session: RequestSession, user: string, password: Buffer): boolean {
  const wanted = session.context.options.password;
  const right = user === 'default' && (wanted === null || sameSecret(wanted, password));
  if (right) session.setAuthenticated(true);
  else session.context.warnings.note('wrong-password', session.socket);
  return right;
}

/** Compares in a time that does not depend on how much of the password is right. */
function sameSecret(wanted: string, given: Buffer): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(wanted), digest(given));
}
