import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMPLETE,
  COMPLETE_INLINE,
  EMPTY,
  INCOMPLETE,
  INVALID,
  RequestParser,
  UNAUTHENTICATED_LIMITS,
} from '../../../src/redis/proxy/resp/request-parser.js';
import { command } from '../../harness/servers/redis-client.js';

const LIMITS = { maxRequestBytes: 1024 * 1024, maxArguments: 1000 };

type Result = string[] | 'empty' | { error: string };

/** FollowerStreams the stream in the given pieces, the way a session does: the rest of one call is moved before the next. */
function parseInPieces(pieces: readonly Buffer[], limits = LIMITS): Result[] {
  const parser = new RequestParser(limits);
  const results: Result[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    // A new buffer with something before it: offsets must be relative to the request.
    rest = Buffer.concat([Buffer.from('..'), rest, piece]).subarray(0);
    let at = 2;
    for (;;) {
      const result = parser.parse(rest, at, rest.length);
      if (result === INCOMPLETE) {
        expect(parser.needed).toBeGreaterThan(rest.length - at);
        break;
      }
      if (result === INVALID) return [...results, { error: parser.error }];
      if (result === EMPTY) results.push('empty');
      else {
        const source = result === COMPLETE_INLINE ? parser.rewritten : rest;
        const base = result === COMPLETE_INLINE ? 0 : at;
        expect([COMPLETE, COMPLETE_INLINE]).toContain(result);
        results.push(
          Array.from({ length: parser.argc }, (_, i) =>
            source.toString('latin1', base + parser.argStart[i]!, base + parser.argEnd[i]!),
          ),
        );
      }
      at += parser.size;
      parser.next();
    }
    rest = rest.subarray(at);
  }
  return results;
}

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i]!, edge));
}

const word = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const request = fc.array(word, { minLength: 1, maxLength: 20 });

describe('the request parser', () => {
  const mixed = Buffer.concat([
    command('SET', 'key', 'a\r\nb'),
    Buffer.from('\r\n'),
    Buffer.from('*0\r\n'),
    command('PING'),
    Buffer.from('GET "quoted key"\r\n'),
    Buffer.from('*-1\r\n'),
    command('', ''),
    Buffer.from("ECHO 'x'\n"),
  ]);
  const mixedResults: Result[] = [
    ['SET', 'key', 'a\r\nb'],
    'empty',
    'empty',
    ['PING'],
    ['GET', 'quoted key'],
    'empty',
    ['', ''],
    ['ECHO', 'x'],
  ];

  it('finds the same requests wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= mixed.length; cut++) {
      expect(parseInPieces(splitAt(mixed, [cut]))).toEqual(mixedResults);
    }
  });

  it('finds the same requests byte by byte', () => {
    expect(parseInPieces([...mixed].map((byte) => Buffer.from([byte])))).toEqual(mixedResults);
  });

  it('finds the arguments of any pipeline, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 8 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (requests, cuts) => {
          const bytes = Buffer.concat(requests.map((words) => command(...words)));
          const pieces = splitAt(
            bytes,
            cuts.map((cut) => Math.min(cut, bytes.length)),
          );
          expect(parseInPieces(pieces)).toEqual(
            requests.map((words) => words.map((each) => each.toString('latin1'))),
          );
        },
      ),
      { seed: 6379, numRuns: 1500 },
    );
  });

  it('takes any bytes without throwing, and ends in the same state however they are cut', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom('*', '$', '\r\n', '\r', '\n', '-', '0', '1', '2', '3', '"', "'", ' ', '\\x41', 'SET'),
        fc.nat(255).map((byte) => String.fromCharCode(byte)),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(noise, fc.array(fc.nat(100), { maxLength: 6 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''), 'latin1');
        const whole = parseInPieces([bytes]);
        const cut = parseInPieces(
          splitAt(
            bytes,
            cuts.map((each) => Math.min(each, bytes.length)),
          ),
        );
        expect(cut).toEqual(whole);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*1001\r\n', 'invalid multibulk length'],
    ['*99999999999999999999999\r\n', 'invalid multibulk length'],
    ['*1\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*1\r\n:1\r\n', "expected '$', got ':'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$-0\r\n', 'invalid bulk length'],
    ['*1\r\n$03\r\nabc\r\n', 'invalid bulk length'],
    ['*1\r\n$+3\r\nabc\r\n', 'invalid bulk length'],
    ['*1\r\n$1048577\r\n', 'invalid bulk length'],
    ['*1\r\n$x\r\n', 'invalid bulk length'],
    ['*1\r\n$3\r\nabcde', 'expected CRLF behind an argument'],
    ['SET "a\r\n', 'unbalanced quotes in request'],
    ['SET "a"b\r\n', 'unbalanced quotes in request'],
    ['x'.repeat(65_537), 'too big inline request'],
  ])('refuses %j', (text, reason) => {
    expect(parseInPieces([Buffer.from(text)]).at(-1)).toEqual({ error: `ERR Protocol error: ${reason}` });
  });

  it('allows a client that has not authenticated only little', () => {
    const unauthenticated = (text: string): Result | undefined =>
      parseInPieces([Buffer.from(text)], UNAUTHENTICATED_LIMITS).at(-1);
    expect(unauthenticated('*11\r\n')).toEqual({
      error: 'ERR Protocol error: unauthenticated multibulk length',
    });
    expect(unauthenticated('*1\r\n$16385\r\n')).toEqual({
      error: 'ERR Protocol error: unauthenticated bulk length',
    });
  });

  it('refuses a request whose arguments together are too long', () => {
    const big = Buffer.alloc(LIMITS.maxRequestBytes);
    const result = parseInPieces([command('MSET', big, big, big)]);
    expect(result).toEqual([{ error: 'ERR Protocol error: too big request' }]);
  });

  it('reads quoted inline arguments as Redis does', () => {
    const line = `set "a\\x41\\n\\"\\q" 'it\\'s' plain\r\n`;
    expect(parseInPieces([Buffer.from(line)])).toEqual([['set', 'aA\n"q', "it's", 'plain']]);
  });
});
