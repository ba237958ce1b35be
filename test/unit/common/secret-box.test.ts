import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SecretBox, SecretKeyError } from '../../../src/common/secret-box.js';

const box = new SecretBox(Buffer.alloc(32, 1));
const other = new SecretBox(Buffer.alloc(32, 2));

describe('a secret box', () => {
  test('gives back what it sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, context) => {
        expect(box.open(box.seal(secret, context), context)).toBe(secret);
      }),
    );
  });

  test('never seals the same twice, and never shows what is in it', () => {
    const sealed = [box.seal('hunter2', 'a'), box.seal('hunter2', 'a')];
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(Buffer.from(sealed[0]!.slice(3), 'base64').toString('latin1')).not.toContain('hunter2');
  });

  test('opens nothing that belongs to another record', () => {
    const sealed = box.seal('hunter2', 'server/10.0.0.1:6379');
    expect(() => box.open(sealed, 'server/10.0.0.2:6379')).toThrow(SecretKeyError);
  });

  test('says what to do about a wrong key, and repeats neither key nor text', () => {
    const sealed = other.seal('hunter2', 'server/10.0.0.1:6379');
    const open = () => box.open(sealed, 'server/10.0.0.1:6379');
    expect(open).toThrow(/server\/10\.0\.0\.1:6379 does not open with this secret key.*--secret-key/);
    expect(open).not.toThrow(sealed.slice(3));
  });

  test('opens nothing that was changed by a bit', () => {
    const raw = Buffer.from(box.seal('hunter2', 'c').slice(3), 'base64');
    for (let index = 0; index < raw.length; index++) {
      const changed = Buffer.from(raw);
      changed[index]! ^= 1;
      expect(() => box.open(`v1:${changed.toString('base64')}`, 'c')).toThrow(SecretKeyError);
    }
  });

  test('opens nothing that was shortened, however short', () => {
    const raw = Buffer.from(box.seal('', 'c').slice(3), 'base64');
    for (let length = 0; length < raw.length; length++) {
      expect(() => box.open(`v1:${raw.subarray(0, length).toString('base64')}`, 'c')).toThrow(SecretKeyError);
    }
  });

  test('has the same fingerprint for the same key only, and no part of the key in it', () => {
    expect(new SecretBox(Buffer.alloc(32, 1)).fingerprint()).toBe(box.fingerprint());
    expect(other.fingerprint()).not.toBe(box.fingerprint());
    expect(box.fingerprint()).toMatch(/^[0-9a-f]{16}$/);
    expect(box.fingerprint()).not.toContain('0101');
  });

  test('derives other keys for other purposes, the same ones in every process', () => {
    expect(box.derive('members')).toEqual(new SecretBox(Buffer.alloc(32, 1)).derive('members'));
    expect(box.derive('members')).not.toEqual(box.derive('seal'));
    expect(box.derive('members')).toHaveLength(32);
  });

  test.each([0, 16, 31, 33])('takes no key of %i bytes', (length) => {
    expect(() => new SecretBox(Buffer.alloc(length))).toThrow(`32 bytes, this one ${length}`);
  });

  test('makes keys that it takes', () => {
    expect(() => new SecretBox(SecretBox.generateKey())).not.toThrow();
  });
});
