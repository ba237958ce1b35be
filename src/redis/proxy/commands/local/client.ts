import { bulk, integer, NULL_BULK, OK } from '../../resp/encode.js';
import type { RequestSession } from '../../session/request-session.js';

export const CLIENT_NAME_ERROR = 'ERR Client names cannot contain spaces, newlines or special characters.';
const OWN_ATTRIBUTES = new Set(['lib-name', 'lib-ver']);

/** Printable ASCII without blanks, as in Redis. */
export function isClientName(name: Buffer): boolean {
  return name.every((byte) => byte >= 0x21 && byte <= 0x7e);
}

/** The subcommands that concern the client's own connection. */
export function client(session: RequestSession, args: readonly Buffer[]): void {
  const name = args[1]!.toString('latin1').toLowerCase();
  if (name === 'reply' && args.length === 3) {
    reply(session, args[2]!.toString('latin1').toLowerCase());
    return;
  }
  const arity = ARITY.get(name);
  if (arity === undefined) {
    session.refuse(
      REFUSED.has(name)
        ? `ERR quorate: 'CLIENT ${name.toUpperCase()}' is refused: connections of clients and of servers are not the same`
        : `ERR unknown subcommand '${args[1]!.toString('latin1').slice(0, 128)}'. Try CLIENT HELP.`,
    );
    return;
  }
  if (args.length !== arity) {
    session.refuse(`ERR wrong number of arguments for 'client|${name}' command`);
    return;
  }
  answer(session, name, args);
}

const ARITY: ReadonlyMap<string, number> = new Map([
  ['getname', 2],
  ['id', 2],
  ['info', 2],
  ['no-evict', 3],
  ['no-touch', 3],
  ['setinfo', 4],
  ['setname', 3],
]);

const REFUSED = new Set(
  'caching getredir kill list pause reply tracking trackinginfo unblock unpause'.split(' '),
);

function answer(session: RequestSession, name: string, args: readonly Buffer[]): void {
  const { replies } = session;
  switch (name) {
    case 'id':
      replies.answer(integer(session.id));
      return;
    case 'getname':
      replies.answer(session.clientName === '' ? NULL_BULK : bulk(session.clientName));
      return;
    case 'setname':
      if (!isClientName(args[2]!)) {
        session.refuse(CLIENT_NAME_ERROR);
        return;
      }
      session.clientName = args[2]!.toString();
      replies.answer(OK);
      return;
    case 'info':
      replies.answer(bulk(describe(session)));
      return;
    case 'setinfo': {
      const attribute = args[2]!.toString('latin1');
      if (!OWN_ATTRIBUTES.has(attribute.toLowerCase())) {
        session.refuse(`ERR Unrecognized option '${attribute.slice(0, 64)}'`);
        return;
      }
      if (!isClientName(args[3]!)) {
        session.refuse(
          `ERR ${attribute.toLowerCase()} cannot contain spaces, newlines or special characters.`,
        );
        return;
      }
      replies.answer(OK);
      return;
    }
    default: {
      // NO-EVICT and NO-TOUCH: accepted, because nothing is evicted here and they only ask for less.
      const onOrOff = args[2]!.toString('latin1').toLowerCase();
      if (onOrOff === 'on' || onOrOff === 'off') replies.answer(OK);
      else session.refuse('ERR syntax error');
    }
  }
}

/** A client that believes to get no replies would take those that come for those of later requests. */
function reply(session: RequestSession, mode: string): void {
  if (mode === 'on') {
    session.replies.answer(OK);
  } else if (mode === 'off' || mode === 'skip') {
    session.refuse(
      `ERR quorate: 'CLIENT REPLY ${mode.toUpperCase()}' is refused: all requests are answered here; the connection is closed`,
    );
    session.endWhenAnswered();
  } else {
    session.refuse('ERR syntax error');
  }
}

function describe(session: RequestSession): string {
  const { socket } = session;
  const address = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
  const local = `${socket.localAddress ?? '?'}:${socket.localPort ?? 0}`;
  // In the order of Redis 7.0; what a proxy does not count is as with a client that is at rest.
  return (
    `id=${session.id} addr=${address} laddr=${local} fd=-1 name=${session.clientName} age=${session.ageSeconds} idle=0 ` +
    `flags=N db=${session.database} sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 ` +
    'obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client|info user=default redir=-1 resp=2\n'
  );
}
