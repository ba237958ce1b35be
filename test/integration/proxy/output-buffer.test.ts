import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WriteBuffers } from '../../../src/redis/proxy/write-buffers.js';
import { OutputBuffer, SHARE_BYTES } from '../../../src/redis/proxy/output-buffer.js';

interface Step {
  readonly how: 'copied' | 'lasting' | 'in place' | 'flush' | 'read a little';
  readonly size: number;
}

const size = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 5000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 5000, max: SHARE_BYTES - 1 }) },
  { weight: 1, arbitrary: fc.integer({ min: SHARE_BYTES, max: 2_000_000 }) },
);
const steps = fc.array(
  fc.record<Step>({
    how: fc.constantFrom('copied', 'lasting', 'in place', 'in place', 'flush', 'read a little'),
    size,
  }),
  { minLength: 1, maxLength: 200, size: 'max' },
);

describe('an output buffer', () => {
  let server: Server;
  let accepted: (socket: Socket) => void;

  beforeAll(async () => {
    server = createServer((socket) => accepted(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('delivers every byte in order to a reader of any pace, with buffers that others use meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const pool = new WriteBuffers();
        const connected = new Promise<Socket>((resolve) => (accepted = resolve));
        const writer = connect((server.address() as AddressInfo).port, '127.0.0.1');
        const reader = await connected;
        reader.pause();
        const received: Buffer[] = [];
        reader.on('data', (chunk: Buffer) => received.push(chunk));
        const output = new OutputBuffer(pool);
        writer.on('drain', () => output.drained());
        const expected: Buffer[] = [];
        for (const [i, step] of script.entries()) {
          if (step.how === 'flush') {
            output.flush(writer);
            // Whoever takes a buffer that is free writes to it.
            for (const bytes of [1, 20_000, 100_000]) {
              const other = pool.take(bytes).fill(0xee);
              pool.give(other);
            }
          } else if (step.how === 'read a little') {
            reader.resume();
            await new Promise((resolve) => setImmediate(resolve));
            reader.pause();
          } else {
            const bytes = Buffer.alloc(step.size, i);
            expected.push(bytes);
            if (step.how === 'in place' && step.size < SHARE_BYTES) {
              const target = output.room(step.size);
              bytes.copy(target, output.position);
              output.advance(step.size);
            } else {
              const source = Buffer.from(bytes);
              output.append(source, 0, source.length, step.how === 'lasting');
              if (step.how === 'copied') source.fill(0xdd);
            }
          }
        }
        output.flush(writer);
        expect(output.length).toBe(0);
        writer.end();
        reader.resume();
        await new Promise((resolve) => reader.once('end', resolve));
        expect(Buffer.concat(received).equals(Buffer.concat(expected))).toBe(true);
        await new Promise((resolve) => writer.once('close', resolve));
      }),
      { numRuns: 30 },
    );
  });
});
