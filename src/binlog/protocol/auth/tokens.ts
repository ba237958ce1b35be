import { createHash, timingSafeEqual } from 'node:crypto';
import { NATIVE, type AuthPlugin } from './plugins.js';

/**
 * What a client answers to a salt of 20 bytes; empty for an empty password.
 *
 * mysql_native_password: SHA1(pw) XOR SHA1(salt + SHA1(SHA1(pw))), 20 bytes; caching_sha2_password:
 * SHA256(pw) XOR SHA256(SHA256(SHA256(pw)) + salt), 32 bytes.
 */
export function authToken(plugin: AuthPlugin, password: string, salt: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const hash = (...parts: (Buffer | string)[]): Buffer => {
    const digest = createHash(plugin === NATIVE ? 'sha1' : 'sha256');
    for (const part of parts) digest.update(part);
    return digest.digest();
  };
  const once = hash(password);
  const twice = hash(once);
  const mask = plugin === NATIVE ? hash(salt, twice) : hash(twice, salt);
  return mask.map((byte, i) => byte ^ once[i]!) as Buffer;
}

/** Whether a client's answer proves that it knows the password; takes as long when it does not. */
export function isTokenOf(plugin: AuthPlugin, password: string, salt: Buffer, token: Buffer): boolean {
  const expected = authToken(plugin, password, salt);
  return token.length === expected.length && timingSafeEqual(token, expected);
}
