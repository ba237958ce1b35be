import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOT_RESP, ReplyScanner, UNFINISHED } from '../../../src/redis/proxy/resp/reply-scanner.js';
import { replyEnd } from '../../harness/servers/redis-client.js';

const line = fc.stringMatching(/^[ -~]{0,20}$/);
const { reply } = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    line.map((text) => `+${text}\r\n`),
    line.map((text) => `-ERR ${text}\r\n`),
    fc.integer().map((number) => `:${number}\r\n`),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '*0\r\n', '$0\r\n\r\n'),
    fc.string({ unit: 'binary-ascii', maxLength: 50 }).map((text) => `$${text.length}\r\n${text}\r\n`),
    fc.array(tie('reply'), { maxLength: 5 }).map((items) => `*${items.length}\r\n${items.join('')}`),
  ),
}));

/** The ends of all replies in a stream that arrives in pieces, moved between the calls as a connection does. */
function scanInPieces(pieces: readonly Buffer[]): number[] {
  const scanner = new ReplyScanner();
  const ends: number[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for (const piece of pieces) {
    rest = Buffer.concat([Buffer.from('$'), rest, piece]);
    let at = 1;
    while (at < rest.length) {
      const end = scanner.scan(rest, at, rest.length);
      if (end === UNFINISHED) {
        expect(scanner.needed).toBeGreaterThan(rest.length - at);
        break;
      }
      expect(end).not.toBe(NOT_RESP);
      offset += end - at;
      ends.push(offset);
      at = end;
    }
    rest = rest.subarray(at);
  }
  return ends;
}

function naiveEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; at = ends.at(-1)!) ends.push(replyEnd(bytes, at));
  return ends;
}

describe('the reply scanner', () => {
  it('finds the ends of replies wherever the stream is cut', () => {
    const bytes = Buffer.from(
      '+OK\r\n*2\r\n$3\r\na\r\n\r\n*2\r\n:-1\r\n*-1\r\n$-1\r\n-ERR x\r\n*0\r\n$0\r\n\r\n',
    );
    const ends = naiveEnds(bytes);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(scanInPieces([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(ends);
    }
    expect(scanInPieces([...bytes].map((byte) => Buffer.from([byte])))).toEqual(ends);
  });

  it('agrees with a recursive reader on any replies, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 6 }),
        fc.array(fc.nat(300), { maxLength: 8 }),
        (replies, cuts) => {
          const bytes = Buffer.from(replies.join(''), 'latin1');
          const edges = [
            0,
            ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ];
          const pieces = edges.slice(1).map((edge, i) => bytes.subarray(edges[i]!, edge));
          expect(scanInPieces(pieces)).toEqual(naiveEnds(bytes));
        },
      ),
      { seed: 2, numRuns: 2000 },
    );
  });

  it.each(['?\r\n', '$x\r\n', '$\r\n', '*1x\r\n', '$9999999999999999999\r\n', '%1\r\n', '+OK\rx'])(
    'says that %j is no RESP2 reply',
    (text) => {
      const bytes = Buffer.from(text);
      expect(new ReplyScanner().scan(bytes, 0, bytes.length)).toBe(NOT_RESP);
    },
  );
});
