import type { Command, Reply } from './history.js';

/** What a key holds; null when it does not exist. */
export type Value = string | null;

export interface Step {
  readonly value: Value;
  readonly reply: Reply;
}

/** The reply to INCR of something that is no number. */
export const NOT_AN_INTEGER = 'not an integer';

/** What Redis does with a string key. */
export function apply(value: Value, command: Command): Step {
  switch (command.kind) {
    case 'get':
      return { value, reply: value };
    case 'set':
      return { value: command.value, reply: 'OK' };
    case 'getset':
      return { value: command.value, reply: value };
    case 'append': {
      const longer = (value ?? '') + command.value;
      return { value: longer, reply: longer.length };
    }
    case 'del':
      return { value: null, reply: value === null ? 0 : 1 };
    case 'incr': {
      if (value !== null && !/^-?\d{1,15}$/.test(value)) return { value, reply: NOT_AN_INTEGER };
      const next = Number(value ?? '0') + 1;
      return { value: String(next), reply: next };
    }
  }
}

/** Whether the command's effect and reply are the same whatever was there before. */
export function isBlind(command: Command): boolean {
  return command.kind === 'set';
}
