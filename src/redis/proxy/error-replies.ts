import { ERROR_KINDS, type ErrorKind } from '../error-kinds.js';
import { error } from './resp/encode.js';

/** A kind as counts know it: its place among {@link ERROR_KINDS}. */
export type KindIndex = number;

const OTHER = ERROR_KINDS.indexOf('OTHER');
const BLANK = 0x20;
const CR = 0x0d;

/** The first words of servers' errors that say more than `ERR`. */
const WORDS: readonly { readonly word: Buffer; readonly kind: KindIndex }[] = [
  ...(['OOM', 'NOREPLICAS', 'MISCONF', 'READONLY', 'LOADING', 'MASTERDOWN', 'BUSY', 'NOPERM'] as const),
  ...(['NOAUTH', 'CROSSSLOT', 'NOSCRIPT', 'WRONGTYPE'] as const),
]
  .map((kind) => ({ word: Buffer.from(kind), kind: kindIndex(kind) }))
  .concat({ word: Buffer.from('WRONGPASS'), kind: kindIndex('NOAUTH') });

const MAX_CLIENTS = 'ERR max number of clients';

export function kindIndex(kind: ErrorKind): KindIndex {
  return ERROR_KINDS.indexOf(kind);
}

/** The kind of the error reply that begins at `start`, by its first word. */
export function kindOfReply(bytes: Uint8Array, start: number): KindIndex {
  for (let i = 0; i < WORDS.length; i++) {
    const { word, kind } = WORDS[i]!;
    if (startsWith(bytes, start + 1, word)) return kind;
  }
  return OTHER;
}

/** The kind of an error that a server answered while a connection was set up. */
export function kindOfText(text: string): ErrorKind {
  // Said to a connection that is then closed, so it is never the answer to a request.
  if (text.startsWith(MAX_CLIENTS)) return 'MAXCLIENTS';
  return ERROR_KINDS[kindOfReply(Buffer.from(`-${text}\r\n`), 0)]!;
}

const FROM_TARGET = /^ERR Target instance replied with error: (.*)$/s;

/** The kind of an error that MIGRATE answered: mostly it is the target's, whose words follow those of the source. */
export function kindOfMigrateError(text: string): ErrorKind {
  if (text.startsWith('IOERR')) return 'UNREACHABLE';
  return kindOfText(FROM_TARGET.exec(text)?.[1] ?? text);
}

interface Origin {
  readonly kind: KindIndex;
  /** The server that is to blame; null when none is. */
  readonly server: string | null;
}

/** Where the replies came from that the proxy has made itself: their words are for people. */
const ORIGINS = new WeakMap<Buffer, Origin>();

/** An error reply of the proxy that is counted as `kind`, at that server too. */
export function errorOfKind(kind: ErrorKind, text: string, server: string | null = null): Buffer {
  const reply = error(text);
  ORIGINS.set(reply, { kind: kindIndex(kind), server });
  return reply;
}

/** What an error reply of the proxy is counted as. */
export function originOf(reply: Buffer): Origin {
  return ORIGINS.get(reply) ?? { kind: kindOfReply(reply, 0), server: null };
}

function startsWith(bytes: Uint8Array, start: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  const next = bytes[start + word.length];
  return next === BLANK || next === CR;
}
