import { array, bulk, EMPTY_ARRAY, integer, NULL_ARRAY, simple } from '../../resp/encode.js';
import type { RequestSession } from '../../session/request-session.js';
import { KeyFinder, NO_KEYS_FOUND } from '../find-keys.js';
import type { CommandSpec } from '../spec.js';
import { globOf } from './glob.js';
import { COMMANDS, lookupCommand, UNKNOWN_COMMAND } from '../table.js';

/** What the proxy can do: a command that it refuses is not listed. */
const OFFERED = COMMANDS.filter((command) => command.disposition !== 'refuse');
const NEEDS_NO_LOGIN = new Set(['auth', 'hello', 'quit', 'reset']);
const finder = new KeyFinder();
let everything: Buffer | null = null;

/** COMMAND and its subcommands, about the commands that the proxy accepts. */
export function commandCommand(session: RequestSession, args: readonly Buffer[]): void {
  const { replies } = session;
  const subcommand = args[1]?.toString('latin1').toLowerCase();
  switch (subcommand) {
    case undefined:
      replies.answer((everything ??= array(OFFERED.map(describe))));
      return;
    case 'count':
      replies.answer(integer(OFFERED.length));
      return;
    case 'list':
      list(session, args);
      return;
    case 'info':
      replies.answer(array((args.length > 2 ? args.slice(2).map(find) : OFFERED).map(describe)));
      return;
    case 'docs':
      replies.answer(EMPTY_ARRAY);
      return;
    case 'getkeys':
      getKeys(session, args);
      return;
    default:
      session.refuse(
        `ERR unknown subcommand '${args[1]!.toString('latin1').slice(0, 128)}'. Try COMMAND HELP.`,
      );
  }
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] */
function list(session: RequestSession, args: readonly Buffer[]): void {
  const [by, how, what] = args.slice(2).map((arg) => arg.toString('latin1'));
  let listed: readonly CommandSpec[] = OFFERED;
  if (by !== undefined) {
    const isWhole = by.toLowerCase() === 'filterby' && args.length === 5;
    const filter = isWhole ? FILTERS[how!.toLowerCase()]?.(what!) : undefined;
    if (filter === undefined) {
      session.refuse('ERR syntax error');
      return;
    }
    listed = OFFERED.filter(filter);
  }
  session.replies.answer(array(listed.map((command) => bulk(command.name))));
}

type Filter = (command: CommandSpec) => boolean;

const FILTERS: Readonly<Record<string, (what: string) => Filter>> = {
  /** Servers may have modules; no command of one passes through here. */
  module: () => () => false,
  /** Filters by category: the two that are known here. */
  aclcat: (what) => {
    const category = what.toLowerCase();
    return ({ access }) =>
      category === 'write' ? access === 'write' : category === 'read' && access.startsWith('read');
  },
  pattern: (what) => {
    const glob = globOf(what);
    return ({ name }) => glob.test(name);
  },
};

function find(name: Buffer): CommandSpec | undefined {
  const index = lookupCommand(name, 0, name.length);
  const command = index === UNKNOWN_COMMAND ? undefined : COMMANDS[index];
  return command?.disposition === 'refuse' ? undefined : command;
}

/** As Redis 7 describes a command; categories, tips, key specifications and subcommands are left empty. */
function describe(command: CommandSpec | undefined): Buffer {
  if (command === undefined) return NULL_ARRAY;
  const { keys } = command;
  const flags = [
    ...(command.access === 'write' ? ['write'] : []),
    ...(command.access.startsWith('read') ? ['readonly'] : []),
    ...(keys.special === 'none' ? [] : ['movablekeys']),
    // What the proxy answers itself, it answers at once and whatever its servers do.
    ...(command.disposition === 'local' ? ['loading', 'stale', 'fast'] : []),
    ...(NEEDS_NO_LOGIN.has(command.name) ? ['no_auth'] : []),
  ];
  return array([
    bulk(command.name),
    integer(command.arity),
    array(flags.map((flag) => simple(flag))),
    ...[integer(keys.first), integer(keys.last), integer(keys.step)],
    ...[EMPTY_ARRAY, EMPTY_ARRAY, EMPTY_ARRAY, EMPTY_ARRAY],
  ]);
}

function getKeys(session: RequestSession, args: readonly Buffer[]): void {
  if (args.length < 3) {
    session.refuse("ERR wrong number of arguments for 'command|getkeys' command");
    return;
  }
  const command = find(args[2]!);
  if (command === undefined) {
    session.refuse('ERR Invalid command specified');
    return;
  }
  const asked = args.slice(2);
  if (command.arity > 0 ? asked.length !== command.arity : asked.length < -command.arity) {
    session.refuse('ERR Invalid number of arguments specified for command');
    return;
  }
  const request = {
    argc: asked.length,
    argStart: Int32Array.from(asked, (_, i) => session.request.argStart[i + 2]!),
    argEnd: Int32Array.from(asked, (_, i) => session.request.argEnd[i + 2]!),
  };
  const count = finder.find(command, session.source, session.base, request);
  if (count === NO_KEYS_FOUND) {
    session.refuse(finder.error);
    return;
  }
  session.replies.answer(
    array(Array.from(finder.positions.subarray(0, count), (position) => bulk(asked[position]!))),
  );
}
