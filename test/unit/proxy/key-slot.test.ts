import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32, keySlot, slotOfKey } from '../../../src/redis/key-slot.js';

/** CRC-32/IEEE bit by bit, straight from its definition. */
function bitwiseCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function tagOf(key: Buffer): Buffer {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return close === -1 ? key : key.subarray(open + 1, close);
}

describe('the slot of a key', () => {
  it('has the check value that every CRC-32/IEEE has', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0))).toBe(0);
  });

  it('is crc32 of the key modulo 1024', () => {
    expect(slotOfKey('123456789')).toBe(0xcbf43926 % 1024);
    expect(slotOfKey('')).toBe(0);
  });

  it.each([
    ['a{tag}b', 'tag'],
    ['{tag}', 'tag'],
    ['x{tag}{other}', 'tag'],
    ['x}{tag}', 'tag'],
    ['{{tag}}', '{tag'],
    ['x{}y', ''],
    ['x{y', 'x{y'],
    ['x}y{', 'x}y{'],
  ])('of %s is that of %j', (key, tag) => {
    expect(slotOfKey(key)).toBe(bitwiseCrc32(Buffer.from(tag)) % 1024);
  });

  it('agrees with a bitwise crc32 for any bytes, wherever they lie in a buffer', () => {
    const braces = fc.constantFrom(0x7b, 0x7d);
    const bytes = fc.array(fc.oneof({ weight: 4, arbitrary: fc.nat(255) }, braces), { maxLength: 80 });
    fc.assert(
      fc.property(bytes, fc.nat(20), (content, offset) => {
        const key = Buffer.from(content);
        const buffer = Buffer.concat([Buffer.alloc(offset, 0x7b), key, Buffer.alloc(3, 0x7d)]);
        expect(keySlot(buffer, offset, offset + key.length)).toBe(bitwiseCrc32(tagOf(key)) % 1024);
      }),
      { seed: 1024, numRuns: 3000 },
    );
  });
});
