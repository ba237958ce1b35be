import { LOCAL_COMMANDS, REFUSED_COMMANDS } from './own-commands.js';
import { NEWER_COMMANDS, SERVER_COMMANDS } from './server-commands.js';
import type { CommandSpec } from './spec.js';

/** Every command that the proxy knows; an index into this list identifies a command everywhere else. */
export const COMMANDS: readonly CommandSpec[] = [
  ...SERVER_COMMANDS,
  ...NEWER_COMMANDS,
  ...LOCAL_COMMANDS,
  ...REFUSED_COMMANDS,
];

/** {@link lookupCommand}'s answer when there is no such command. */
export const UNKNOWN_COMMAND = -1;

/** How a request is handled, decided by its command alone; one byte per command. */
export const KIND_OTHER = 0;
/** Forwarded by its one key, argument 1; a replica may answer. */
export const KIND_READ_BY_KEY_1 = 1;
/** Forwarded by its one key, argument 1, to the slot's owner. */
export const KIND_BY_KEY_1 = 2;

export const COMMAND_KIND = Uint8Array.from(COMMANDS, (command) => {
  const { keys } = command;
  const byKey1 = keys.first === 1 && keys.last === 1 && keys.special === 'none';
  if (command.disposition !== 'forward' || !byKey1) return KIND_OTHER;
  return command.access === 'read' ? KIND_READ_BY_KEY_1 : KIND_BY_KEY_1;
});

/** 1 for commands that change no data wherever and whenever they are executed. */
export const COMMAND_IS_HARMLESS = Uint8Array.from(COMMANDS, ({ access }) =>
  access.startsWith('read') ? 1 : 0,
);

export const COMMAND_ARITY = Int16Array.from(COMMANDS, (command) => command.arity);

const HASH_SIZE = 2048;
const HASH_MASK = HASH_SIZE - 1;
const NAME_MAX = Math.max(...COMMANDS.map((command) => command.name.length));

const buckets = new Int16Array(HASH_SIZE).fill(UNKNOWN_COMMAND);
const names = COMMANDS.map((command) => Uint8Array.from(Buffer.from(command.name)));

names.forEach((name, index) => {
  let at = hashName(name, 0, name.length);
  while (buckets[at] !== UNKNOWN_COMMAND) at = (at + 1) & HASH_MASK;
  buckets[at] = index;
});

/** The index of the command whose name, in any case, is `bytes[start, end)`. Makes no string. */
export function lookupCommand(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > NAME_MAX) return UNKNOWN_COMMAND;
  let at = hashName(bytes, start, end);
  for (;;) {
    const index = buckets[at]!;
    if (index === UNKNOWN_COMMAND) return UNKNOWN_COMMAND;
    const name = names[index]!;
    if (name.length === length && sameName(bytes, start, name)) return index;
    at = (at + 1) & HASH_MASK;
  }
}

/** The index of a command by its name in small letters. */
export function commandIndex(name: string): number {
  const bytes = Buffer.from(name);
  return lookupCommand(bytes, 0, bytes.length);
}

function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i]! | 0x20)) | 0;
  return (hash ^ (hash >>> 15)) & HASH_MASK;
}

function sameName(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    let byte = bytes[start + i]!;
    if (byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== name[i]) return false;
  }
  return true;
}
