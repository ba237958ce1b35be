import { equalsIgnoreCase } from '../bytes.js';
import type { CommandSpec } from './spec.js';

/** A parsed request: argument `i` is at `base + argStart[i]`, up to `base + argEnd[i]`. */
export interface ParsedRequest {
  readonly argc: number;
  readonly argStart: Int32Array;
  readonly argEnd: Int32Array;
}

/** The request has no key that could be found; {@link KeyFinder.error} is the reply's text. */
export const NO_KEYS_FOUND = -1;

/**
 * Finds which arguments of a request are keys.
 *
 * One finder is shared by all sessions: its result is valid until the next {@link find}.
 */
export class KeyFinder {
  /** Indexes of the arguments that are keys, in the order of the arguments; `count` are valid. */
  positions = new Int32Array(64);
  count = 0;
  error = '';

  private source!: Buffer;
  private base = 0;
  private request!: ParsedRequest;

  /** The number of keys, or NO_KEYS_FOUND. The request's arity must have been checked. */
  find(command: CommandSpec, source: Buffer, base: number, request: ParsedRequest): number {
    this.source = source;
    this.base = base;
    this.request = request;
    this.count = 0;
    const { keys } = command;
    switch (keys.special) {
      case 'none':
        return this.addRange(command);
      case 'numkeys':
        return this.numkeys(command, keys.at);
      case 'store-numkeys':
        this.add(1);
        return this.numkeys(command, keys.at);
      case 'sort':
        this.add(1);
        return this.sort(command, keys.at);
      case 'georadius':
        this.add(1);
        return this.georadius(keys.at);
      case 'streams':
        return this.streams(command, keys.at);
      case 'subcommand':
        return this.subcommand(command);
      case 'copy':
        this.addRange(command);
        return this.copy(keys.at);
    }
  }

  private add(position: number): void {
    if (this.count === this.positions.length) {
      const larger = new Int32Array(this.positions.length * 2);
      larger.set(this.positions);
      this.positions = larger;
    }
    this.positions[this.count++] = position;
  }

  private addRange(command: CommandSpec): number {
    const { first, last, step } = command.keys;
    const { argc } = this.request;
    const end = last < 0 ? argc + last : last;
    // Keys that come with values must come with all of them.
    if (last < 0 && (end + 1 - first) % step !== 0) {
      return this.refuse(`ERR wrong number of arguments for '${command.name}' command`);
    }
    for (let i = first; i <= end && i < argc; i += step) this.add(i);
    return this.count > 0 ? this.count : this.refuse('ERR The command has no key arguments');
  }

  private numkeys(command: CommandSpec, at: number): number {
    const script = /^(eval|fcall)/.test(command.name);
    const text = this.text(at);
    const number = /^-?\d{1,15}$/.test(text);
    if (!number && (script || /^z(union|inter|diff)/.test(command.name))) {
      return this.refuse(
        command.name.startsWith('fcall')
          ? 'ERR Bad number of keys provided'
          : 'ERR value is not an integer or out of range',
      );
    }
    const wanted = number ? Number(text) : 0;
    if (wanted < 0 && script) return this.refuse("ERR Number of keys can't be negative");
    if (wanted === 0 && script) {
      return this.refuse(
        `ERR quorate: '${command.name.toUpperCase()}' without keys is refused: only a key tells which server should run it`,
      );
    }
    if (wanted <= 0) {
      return this.refuse(
        command.keys.special === 'store-numkeys' || /^z(union|inter|diff|intercard)$/.test(command.name)
          ? `ERR at least 1 input key is needed for '${command.name}' command`
          : 'ERR numkeys should be greater than 0',
      );
    }
    if (wanted > this.request.argc - at - 1) {
      return this.refuse(
        script || command.name === 'sintercard'
          ? "ERR Number of keys can't be greater than number of args"
          : 'ERR syntax error',
      );
    }
    for (let i = 1; i <= wanted; i++) this.add(at + i);
    return this.count;
  }

  /** BY and GET name keys by patterns that the proxy cannot follow to their slots. */
  private sort(command: CommandSpec, from: number): number {
    const { argc } = this.request;
    for (let i = from; i < argc; i++) {
      if (this.is(i, 'limit')) {
        i += 2;
      } else if (this.is(i, 'store') && command.name === 'sort' && i + 1 < argc) {
        // Of several STORE options the last one counts, as in Redis.
        this.count = 1;
        this.add(++i);
      } else if (this.is(i, 'by') && i + 1 < argc) {
        if (this.text(++i).includes('*')) return this.refuseSort('BY');
      } else if (this.is(i, 'get') && i + 1 < argc) {
        if (this.text(++i) !== '#') return this.refuseSort('GET');
      }
    }
    return this.count;
  }

  private refuseSort(option: string): number {
    return this.refuse(
      `ERR quorate: SORT with ${option} of other keys is refused: those keys may be on other servers`,
    );
  }

  private georadius(from: number): number {
    const { argc } = this.request;
    for (let i = from; i < argc; i++) {
      if ((this.is(i, 'store') || this.is(i, 'storedist')) && i + 1 < argc) {
        // Of several STORE options the last one counts, as in Redis.
        this.count = 1;
        this.add(++i);
      } else if (this.is(i, 'count')) {
        i++;
      }
    }
    return this.count;
  }

  private streams(command: CommandSpec, from: number): number {
    const { argc } = this.request;
    for (let i = from; i < argc; i++) {
      if (this.is(i, 'block')) {
        return this.refuse(
          `ERR quorate: '${command.name.toUpperCase()}' with BLOCK is refused: a blocking command would block every client that shares the connection`,
        );
      }
      if (this.is(i, 'count')) i++;
      else if (this.is(i, 'group')) i += 2;
      else if (this.is(i, 'streams')) {
        const rest = argc - i - 1;
        if (rest === 0 || rest % 2 !== 0) {
          return this.refuse(
            "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
          );
        }
        for (let j = 1; j <= rest / 2; j++) this.add(i + j);
        return this.count;
      }
    }
    return this.refuse('ERR syntax error');
  }

  private subcommand(command: CommandSpec): number {
    const known = SUBCOMMANDS_WITH_KEY.get(command.name) ?? [];
    const name = known.find((subcommand) => this.is(1, subcommand.name));
    if (name === undefined) {
      const typed = this.text(1).toUpperCase().slice(0, 64);
      if (!KEYLESS_SUBCOMMANDS.has(typed)) {
        return this.refuse(
          `ERR unknown subcommand '${this.text(1).slice(0, 128)}'. Try ${command.name.toUpperCase()} HELP.`,
        );
      }
      return this.refuse(
        `ERR quorate: '${command.name.toUpperCase()} ${typed}' is refused: it names no key, so no server is meant`,
      );
    }
    const { argc } = this.request;
    if (name.arity < 0 ? argc < -name.arity : argc !== name.arity) {
      return this.refuse(`ERR wrong number of arguments for '${command.name}|${name.name}' command`);
    }
    this.add(2);
    return this.count;
  }

  private copy(from: number): number {
    for (let i = from; i < this.request.argc; i++) {
      if (this.is(i, 'db')) {
        return this.refuse(
          'ERR quorate: COPY with DB is refused: keys of two databases cannot follow a slot together',
        );
      }
    }
    return this.count;
  }

  private is(index: number, lower: string): boolean {
    const { argStart, argEnd } = this.request;
    return equalsIgnoreCase(this.source, this.base + argStart[index]!, this.base + argEnd[index]!, lower);
  }

  private text(index: number): string {
    const { argStart, argEnd } = this.request;
    return this.source.toString('latin1', this.base + argStart[index]!, this.base + argEnd[index]!);
  }

  private refuse(reason: string): number {
    this.error = reason;
    return NO_KEYS_FOUND;
  }
}

interface Subcommand {
  readonly name: string;
  readonly arity: number;
}

/** Subcommands of MEMORY without a key, and HELP of each command. */
const KEYLESS_SUBCOMMANDS = new Set(['DOCTOR', 'HELP', 'MALLOC-STATS', 'PURGE', 'STATS']);

const SUBCOMMANDS_WITH_KEY: ReadonlyMap<string, readonly Subcommand[]> = new Map([
  [
    'object',
    [
      { name: 'encoding', arity: 3 },
      { name: 'freq', arity: 3 },
      { name: 'idletime', arity: 3 },
      { name: 'refcount', arity: 3 },
    ],
  ],
  ['memory', [{ name: 'usage', arity: -3 }]],
  [
    'xgroup',
    [
      { name: 'create', arity: -5 },
      { name: 'createconsumer', arity: 5 },
      { name: 'delconsumer', arity: 5 },
      { name: 'destroy', arity: 4 },
      { name: 'setid', arity: -5 },
    ],
  ],
  [
    'xinfo',
    [
      { name: 'consumers', arity: 4 },
      { name: 'groups', arity: 3 },
      { name: 'stream', arity: -3 },
    ],
  ],
]);
