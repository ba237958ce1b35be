import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, isLoopback, parseAddress } from '../../../src/common/address.js';

/** Any unit, those of half a character included. fast-check's own `binary` takes a second to list all characters. */
const UTF_16 = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

describe('an address', () => {
  test.each([
    ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379 }],
    ['redis-1.example.org:1', { host: 'redis-1.example.org', port: 1 }],
    ['my_host:65535', { host: 'my_host', port: 65_535 }],
    ['[::1]:4000', { host: '::1', port: 4_000 }],
    ['[fe80::1%eth0]:4000', { host: 'fe80::1%eth0', port: 4_000 }],
    ['[::ffff:10.0.0.1]:4000', { host: '::ffff:10.0.0.1', port: 4_000 }],
  ])('%s is split into host and port', (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  test.each([
    '',
    ':80',
    'host',
    'host:',
    'host:0',
    'host:65536',
    'host:123456',
    'host:-1',
    'host:1e3',
    'host:80 ',
    ' host:80',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[not-v6]:80',
    '[127.0.0.1]:80',
    '[::g]:80',
    '[]:80',
    'http://host:80',
    'user@host:80',
    'ho st:80',
    'host\n:80',
    'host:80\n',
    'a/b:80',
    'h\u0000st:80',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('has one spelling of its port, so that a server cannot be registered twice', () => {
    expect(parseAddress('host:06379')).toBeUndefined();
    expect(parseAddress('host:00', { allowPortZero: true })).toBeUndefined();
  });

  test('has port 0 only where a listener may take any port', () => {
    expect(parseAddress('127.0.0.1:0', { allowPortZero: true })).toEqual({ host: '127.0.0.1', port: 0 });
    expect(parseAddress('127.0.0.1:0')).toBeUndefined();
  });

  test('survives being written and read again', () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        expect(parseAddress(formatAddress({ host: name, port }))).toEqual({ host: name, port });
      }),
    );
  });

  test('is, whatever the text, either nothing or exactly that text again', () => {
    fc.assert(
      fc.property(fc.string({ unit: UTF_16 }), (text) => {
        const parsed = parseAddress(text, { allowPortZero: true });
        if (parsed) expect(formatAddress(parsed)).toBe(text);
      }),
    );
  });
});

describe('a loopback host', () => {
  test.each(['127.0.0.1', '127.255.0.7', 'localhost', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    '0.0.0.0',
    '::',
    '',
    '10.0.0.1',
    '128.0.0.1',
    '127.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.999',
    'localhost.evil.example',
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
