import { describe, expect, test } from 'vitest';
import type { Command, Operation, Reply } from '../../harness/checkers/history/history.js';
import { judge } from '../../harness/checkers/history/judge.js';
import { checkKey } from '../../harness/checkers/history/linearizability.js';

const UNKNOWN = Symbol('unknown');

/** `[sent, answered, command, reply]`; the time of the answer of an unknown outcome does not matter. */
type Line = readonly [number, number, Command, Reply | typeof UNKNOWN];

function history(...lines: readonly Line[]): Operation[] {
  return lines.map(([invoked, answered, command, reply], index) => ({
    client: `c${index}`,
    key: 'key',
    command,
    invoked,
    answered: reply === UNKNOWN ? Infinity : answered,
    reply: reply === UNKNOWN ? undefined : reply,
    invokedAtMs: invoked,
    answeredAtMs: answered,
  }));
}

const get: Command = { kind: 'get' };
const del: Command = { kind: 'del' };
const incr: Command = { kind: 'incr' };
const set = (value: string): Command => ({ kind: 'set', value });
const getset = (value: string): Command => ({ kind: 'getset', value });
const append = (value: string): Command => ({ kind: 'append', value });

const verdict = (...lines: readonly Line[]): string => checkKey(history(...lines)).kind;

describe('turns down', () => {
  test.each<[string, Line[]]>([
    [
      'a stale read',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, set('b'), 'OK'],
        [5, 6, get, 'a'],
      ],
    ],
    [
      'two reads that see two writes in the wrong order',
      [
        [1, 10, set('a'), 'OK'],
        [2, 11, set('b'), 'OK'],
        [3, 4, get, 'a'],
        [5, 6, get, 'b'],
        [7, 8, get, 'a'],
      ],
    ],
    [
      'a lost write',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, get, null],
      ],
    ],
    [
      'a lost APPEND',
      [
        [1, 2, append('a'), 1],
        [3, 4, append('b'), 2],
        [5, 6, get, 'b'],
      ],
    ],
    [
      'a resurrected key',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, del, 1],
        [5, 6, get, 'a'],
      ],
    ],
    [
      'a DEL that found what another had deleted',
      [
        [1, 2, set('a'), 'OK'],
        [3, 6, del, 1],
        [4, 7, del, 1],
      ],
    ],
    [
      'an INCR applied twice',
      [
        [1, 2, incr, 1],
        [3, 4, incr, 3],
      ],
    ],
    [
      'an APPEND applied twice',
      [
        [1, 2, append('a'), 1],
        [3, 4, get, 'aa'],
      ],
    ],
    [
      'an INCR of unknown outcome applied twice',
      [
        [1, 2, incr, UNKNOWN],
        [3, 4, incr, 3],
      ],
    ],
    [
      'a write of unknown outcome applied twice',
      [
        [1, 2, set('a'), UNKNOWN],
        [3, 4, get, 'a'],
        [5, 6, set('b'), 'OK'],
        [7, 8, get, 'a'],
      ],
    ],
    [
      'a read from the future',
      [
        [1, 2, get, 'a'],
        [3, 4, set('a'), 'OK'],
      ],
    ],
    [
      'a read of a write of unknown outcome that had not been sent',
      [
        [1, 2, get, 'a'],
        [3, 4, set('a'), UNKNOWN],
      ],
    ],
    ['a value that was never written', [[1, 2, get, 'a']]],
    [
      'a GETSET that returned what was overwritten before',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, set('b'), 'OK'],
        [5, 6, getset('c'), 'a'],
      ],
    ],
    [
      'a key lost without any DEL, then found again',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, get, null],
        [5, 6, get, 'a'],
      ],
    ],
  ])('%s', (_, lines) => {
    expect(verdict(...lines)).toBe('violation');
  });
});

describe('accepts', () => {
  test.each<[string, Line[]]>([
    ['nothing', []],
    [
      'either order of writes at the same time',
      [
        [1, 10, set('a'), 'OK'],
        [2, 11, set('b'), 'OK'],
        [12, 13, get, 'a'],
      ],
    ],
    [
      'a read during a write that sees it, and a later one during it that does too',
      [
        [1, 10, set('a'), 'OK'],
        [2, 3, get, null],
        [4, 5, get, 'a'],
        [6, 7, get, 'a'],
      ],
    ],
    [
      'a write of unknown outcome that never took effect',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, set('b'), UNKNOWN],
        [5, 6, get, 'a'],
      ],
    ],
    [
      'a write of unknown outcome that took effect late',
      [
        [1, 2, set('a'), UNKNOWN],
        [3, 4, set('b'), 'OK'],
        [5, 6, get, 'b'],
        [7, 8, get, 'a'],
      ],
    ],
    [
      'a DEL of unknown outcome that took effect late',
      [
        [1, 2, del, UNKNOWN],
        [3, 4, set('b'), 'OK'],
        [5, 6, get, 'b'],
        [7, 8, get, null],
      ],
    ],
    [
      'INCRs of unknown outcome of which some were applied',
      [
        [1, 2, incr, UNKNOWN],
        [3, 4, incr, UNKNOWN],
        [5, 6, incr, UNKNOWN],
        [7, 8, incr, 3],
        [9, 10, incr, 4],
      ],
    ],
    [
      'APPENDs of unknown outcome applied in another order than sent',
      [
        [1, 2, append('a'), UNKNOWN],
        [3, 4, append('b'), UNKNOWN],
        [5, 6, get, 'ba'],
      ],
    ],
    [
      'a read of unknown outcome',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, get, UNKNOWN],
        [5, 6, get, 'a'],
      ],
    ],
    [
      'an INCR that was refused',
      [
        [1, 2, set('a'), 'OK'],
        [3, 4, incr, 'not an integer'],
        [5, 6, get, 'a'],
      ],
    ],
  ])('%s', (_, lines) => {
    expect(verdict(...lines)).toBe('linearizable');
  });
});

test('says at which reply the history broke and what could have been there', () => {
  const lines = history([1, 2, set('a'), 'OK'], [3, 4, get, null], [5, 6, get, 'a']);
  expect(checkKey(lines)).toEqual({ kind: 'violation', at: lines[1], possible: ['a'] });
});

test('a search beyond its bound is no pass', () => {
  const unknown = Array.from({ length: 12 }, (_, i): Line => [
    i + 1,
    100,
    append(String.fromCharCode(97 + i)),
    UNKNOWN,
  ]);
  const lines = history(...unknown, [20, 21, get, 'abcdefghijkl!']);
  expect(checkKey(lines, null, 10_000).kind).toBe('complex');
});

test('many writes of unknown outcome are no burden', () => {
  const unknown = Array.from({ length: 200 }, (_, i): Line => [i + 1, 0, set(`u${i}`), UNKNOWN]);
  const reads = Array.from({ length: 200 }, (_, i): Line => [300 + 2 * i, 301 + 2 * i, get, `u${i}`]);
  expect(verdict(...unknown, ...reads)).toBe('linearizable');
});

test('every key is judged by itself, and one that could not be judged is a finding', () => {
  const fine = history([1, 2, set('a'), 'OK'], [3, 4, get, 'a']);
  const wrong = history([5, 6, get, 'a']).map((operation) => ({ ...operation, key: 'other' }));
  const { keys, operations, findings } = judge([...fine, ...wrong]);
  expect({ keys, operations }).toEqual({ keys: 2, operations: 3 });
  expect(findings.map(({ key }) => key)).toEqual(['other']);
  expect(findings[0]!.history).toContain('c0 other get -> "a" at 6');
});
