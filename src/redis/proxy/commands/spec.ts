/**
 * What becomes of a command.
 *
 * - `forward`: sent whole to the server of its keys' slot
 * - `split`: sent in parts to the servers of its keys' slots, the answers joined
 * - `local`: answered by the proxy
 * - `refuse`: answered with an error that says why
 */
export type Disposition = 'forward' | 'split' | 'local' | 'refuse';

/**
 * What a command does to data. Only `read` may be answered by a replica; `read-at-owner` is a read whose
 * result depends on the server it is asked of (cursors, loaded scripts, access times). `other` is what
 * Redis flags neither as reading nor as writing; it may write.
 */
export type Access = 'read' | 'read-at-owner' | 'write' | 'other';

/** How the keys are found when first, last and step do not tell. */
export type SpecialKeys =
  'none' | 'numkeys' | 'store-numkeys' | 'sort' | 'georadius' | 'streams' | 'subcommand' | 'copy';

/** Positions of the keys among the arguments, as `COMMAND` reports them; 0 is the command's name. */
export interface KeySpec {
  readonly first: number;
  /** Negative: counted from the end. */
  readonly last: number;
  readonly step: number;
  readonly special: SpecialKeys;
  /** Where the special finder starts: the index of numkeys, or of the first option. */
  readonly at: number;
}

export interface CommandSpec {
  /** In small letters. */
  readonly name: string;
  /** Number of arguments, name included; negative: at least so many. */
  readonly arity: number;
  readonly access: Access;
  readonly keys: KeySpec;
  readonly disposition: Disposition;
  /** Why it is refused; empty unless it is. */
  readonly reason: string;
}

export function range(first: number, last: number, step: number): KeySpec {
  return { first, last, step, special: 'none', at: 0 };
}

export const NO_KEYS = range(0, 0, 0);
export const KEY_1 = range(1, 1, 1);
export const KEYS_1_2 = range(1, 2, 1);
export const KEYS_FROM_1 = range(1, -1, 1);
export const NUMKEYS_AT_1: KeySpec = { ...NO_KEYS, special: 'numkeys', at: 1 };
export const NUMKEYS_AT_2: KeySpec = { ...NO_KEYS, special: 'numkeys', at: 2 };
export const STORE_NUMKEYS: KeySpec = { ...KEY_1, special: 'store-numkeys', at: 2 };
export const SORT: KeySpec = { ...KEY_1, special: 'sort', at: 2 };
export const GEORADIUS: KeySpec = { ...KEY_1, special: 'georadius', at: 6 };
export const GEORADIUSBYMEMBER: KeySpec = { ...KEY_1, special: 'georadius', at: 5 };
export const STREAMS: KeySpec = { ...NO_KEYS, special: 'streams', at: 1 };
export const SUBCOMMAND: KeySpec = { ...NO_KEYS, special: 'subcommand', at: 2 };
export const COPY: KeySpec = { ...KEYS_1_2, special: 'copy', at: 3 };

export function forward(name: string, arity: number, access: Access, keys: KeySpec): CommandSpec {
  return { name, arity, access, keys, disposition: 'forward', reason: '' };
}

export function split(name: string, arity: number, access: Access, keys: KeySpec): CommandSpec {
  return { name, arity, access, keys, disposition: 'split', reason: '' };
}

export function local(name: string, arity: number): CommandSpec {
  return { name, arity, access: 'other', keys: NO_KEYS, disposition: 'local', reason: '' };
}

export function refused(
  name: string,
  arity: number,
  access: Access,
  keys: KeySpec,
  reason: string,
): CommandSpec {
  return { name, arity, access, keys, disposition: 'refuse', reason };
}
