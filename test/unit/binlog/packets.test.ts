import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framePayload } from '../../../src/binlog/protocol/packet/framing.js';
import { FULL_PACKET, PacketSplitter } from '../../../src/binlog/protocol/packet/packet-splitter.js';
import { PayloadAssembler } from '../../../src/binlog/protocol/packet/payload-assembler.js';
import { PayloadReader } from '../../../src/binlog/protocol/packet/payload-reader.js';
import { PayloadWriter } from '../../../src/binlog/protocol/packet/payload-writer.js';
import { ProtocolError } from '../../../src/binlog/protocol/protocol-error.js';

function split(stream: Buffer, cuts: readonly number[], maxBytes = 2 ** 30): Buffer[] {
  const payloads: Buffer[] = [];
  const splitter = new PacketSplitter(new PayloadAssembler(maxBytes, (payload) => payloads.push(payload)));
  let start = 0;
  for (const cut of [...new Set([...cuts, stream.length])].sort((a, b) => a - b)) {
    if (cut > stream.length) break;
    splitter.take(stream.subarray(start, cut));
    start = cut;
  }
  expect(splitter.isIdle).toBe(true);
  return payloads;
}

describe('a stream of packets', () => {
  test('gives back the payloads, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 300 }),
        fc.array(fc.nat(2_000), { maxLength: 40 }),
        (payloads, cuts) => {
          const all = payloads.map((payload) => Buffer.from(payload));
          const stream = Buffer.concat(all.map((payload, i) => framePayload(payload, i & 0xff)));
          expect(split(stream, cuts)).toEqual(all);
        },
      ),
    );
  });

  test.each([0, -1, 1, FULL_PACKET])(
    'gives back a payload of 16 MiB - 1 and %i bytes, which takes several packets',
    (more) => {
      const payload = Buffer.alloc(FULL_PACKET + more, 'abcdefg');
      const next = Buffer.from('next');
      const packets = Math.floor(payload.length / FULL_PACKET) + 1;
      const stream = Buffer.concat([framePayload(payload, 255), framePayload(next, (255 + packets) & 0xff)]);
      expect(stream.length).toBe(payload.length + next.length + 4 * (packets + 1));
      // The splitter starts at 0, so the packets before 255 are empty.
      const before = Buffer.concat(Array.from({ length: 255 }, (_, i) => framePayload(Buffer.alloc(0), i)));
      const [large, small] = split(Buffer.concat([before, stream]), [5, 1_000_003, 20_000_000]).slice(255);
      expect(large!.equals(payload)).toBe(true);
      expect(small).toEqual(next);
    },
  );

  test('whose sequence numbers have a gap is refused', () => {
    const stream = Buffer.concat([framePayload(Buffer.from('a'), 0), framePayload(Buffer.from('b'), 2)]);
    expect(() => split(stream, [])).toThrow(ProtocolError);
    expect(() => split(stream, [])).toThrow('sequence number 2 instead of 1');
  });

  test('may not announce more than is allowed, and takes no more memory than has come', () => {
    const stream = framePayload(Buffer.alloc(1_001), 0);
    expect(() => split(stream, [], 1_000)).toThrow('more than the 1000 bytes');
    expect(split(framePayload(Buffer.alloc(1_000), 0), [500], 1_000)).toHaveLength(1);
  });
});

describe('the fields of a payload', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant('number' as const), value: fc.maxSafeNat() }),
            fc.record({ kind: fc.constant('text' as const), value: fc.string({ maxLength: 300 }) }),
          ),
        ),
        (fields) => {
          const writer = new PayloadWriter();
          for (const { kind, value } of fields) {
            if (kind === 'number') writer.lengthEncoded(value);
            else writer.lengthEncodedText(value);
          }
          const reader = new PayloadReader(writer.toBuffer());
          const read = fields.map(({ kind }) =>
            kind === 'number' ? reader.lengthEncoded() : reader.lengthEncodedBytes().toString(),
          );
          expect(read).toEqual(fields.map(({ value }) => value));
          expect(reader.remaining).toBe(0);
        },
      ),
    );
  });

  test('beyond the end are an error of the protocol', () => {
    const payload = Buffer.from([0xfc, 1]);
    expect(() => new PayloadReader(payload).lengthEncoded()).toThrow(ProtocolError);
    expect(() => new PayloadReader(payload).uint(4)).toThrow(ProtocolError);
    expect(() => new PayloadReader(payload).untilNul()).toThrow(ProtocolError);
    expect(() => new PayloadReader(Buffer.from([5, 1])).lengthEncodedBytes()).toThrow(ProtocolError);
    expect(() => new PayloadReader(Buffer.alloc(9, 0xfe)).lengthEncoded()).toThrow('malformed');
    expect(() => new PayloadReader(Buffer.from([0xff])).lengthEncoded()).toThrow('malformed');
  });
});
