import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameAssembler } from '../../../src/binlog/replication/peer/frame-assembler.js';
import { encodeFrame, FrameError } from '../../../src/binlog/replication/peer/frames.js';

const LIMIT = 100_000;

test('frames come out as they went in, however the bytes are cut, and whenever they are asked for', () => {
  const frames = fc.array(fc.tuple(fc.jsonValue(), fc.uint8Array({ maxLength: 300 })), { maxLength: 12 });
  const cuts = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 });
  fc.assert(
    fc.property(frames, cuts, (sent, sizes) => {
      const expected = JSON.parse(JSON.stringify(sent.map(([description]) => description)));
      const stream = Buffer.concat(
        sent.flatMap(([description, bytes]) => [encodeFrame(description, bytes.length), Buffer.from(bytes)]),
      );
      const assembler = new FrameAssembler();
      const received: [unknown, Buffer][] = [];
      const collect = (): void => {
        for (; assembler.isWhole; assembler.next(LIMIT)) {
          const { description, bytes } = assembler.frame();
          received.push([description, Buffer.from(bytes)]);
        }
      };
      for (let [at, i] = [0, 0]; at < stream.length; i++) {
        const end = Math.min(stream.length, at + sizes[i % sizes.length]!);
        assembler.take(stream.subarray(at, end));
        at = end;
        // It is asked late, as when its user is busy.
        if (i === 3) assembler.next(LIMIT);
        if (i >= 3) collect();
      }
      if (!assembler.wantsMore && !assembler.isWhole) assembler.next(LIMIT);
      collect();
      expect(received.map(([description]) => description)).toEqual(expected);
      expect(received.map(([, bytes]) => bytes)).toEqual(sent.map(([, bytes]) => Buffer.from(bytes)));
    }),
  );
});

test('a frame that is too large, or whose description was changed, is refused', () => {
  const frame = Buffer.concat([encodeFrame({ type: 'ping' }, 10), Buffer.alloc(10)]);
  const small = new FrameAssembler();
  small.next(20);
  expect(() => small.take(frame)).toThrow(FrameError);
  for (let at = 12; at < frame.length - 10; at++) {
    const changed = Buffer.from(frame);
    changed[at]! ^= 1;
    const assembler = new FrameAssembler();
    assembler.next(LIMIT);
    assembler.take(changed);
    expect(() => assembler.frame()).toThrow(FrameError);
  }
});
