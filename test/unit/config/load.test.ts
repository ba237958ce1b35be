import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, redactConfig } from '../../../src/config/load.js';
import { serveOptions } from '../../../src/config/options.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

function file(text: string): string {
  const path = join(temporaryDirectory('config'), 'config.yaml');
  writeFileSync(path, text);
  return path;
}

describe('a port that no browser and no member connects to', () => {
  test.each([
    [{ listen: '127.0.0.1:10080' }, '--listen'],
    [{ listen: '[::1]:6000' }, '--listen'],
    [{ advertise: 'http://db1:6666' }, '--advertise'],
  ])('is refused for the API: %j', (flags, flag) => {
    const load = (): unknown => loadConfig(serveOptions, { flags, env: {} });
    expect(load).toThrow(`${flag}: bad value`);
    expect(load).toThrow('browsers and the other members never connect to this one');
  });

  test('may be one of the journal', () => {
    expect(loadConfig(serveOptions, { flags: { peerListen: '127.0.0.1:6000' }, env: {} })).toMatchObject({
      peerListen: '127.0.0.1:6000',
    });
  });
});

describe('the configuration', () => {
  test('takes flags over the environment, the environment over the file, and the file over defaults', () => {
    const config = loadConfig(serveOptions, {
      flags: { listen: '127.0.0.1:4001' },
      env: { QUORATE_LISTEN: '127.0.0.1:4002', QUORATE_CLUSTER: 'env' },
      file: file('listen: 127.0.0.1:4003\ncluster: file\nname: file\n'),
    });
    expect(config).toMatchObject({
      listen: '127.0.0.1:4001',
      cluster: 'env',
      name: 'file',
      dataDir: './data',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('has the defaults that are documented', () => {
    expect(loadConfig(serveOptions, { flags: {}, env: {} })).toMatchObject({
      cluster: 'default',
      listen: '127.0.0.1:4000',
      peerListen: '127.0.0.1:4100',
      dataDir: './data',
      etcd: [],
      proxyListen: undefined,
      tokens: undefined,
      journalSegmentBytes: 2 ** 30,
      journalKeepBytes: undefined,
      journalKeepHours: undefined,
    });
  });

  test.each([
    ['journalSegmentBytes', '4095', '1048576', 1_048_576],
    ['journalKeepBytes', '-1', '0', 0],
    ['journalKeepHours', '0', '72', 72],
  ])('takes only whole numbers within bounds for %s', (key, bad, good, value) => {
    const load = (text: string) => loadConfig(serveOptions, { flags: { [key]: text }, env: {} });
    expect(() => load(bad)).toThrow(/expected a whole number/);
    expect(load(good)).toMatchObject({ [key]: value });
  });

  test('by default holds requests for as long as it takes to succeed a leader that was lost meanwhile', () => {
    const { holdTimeoutMs, sessionTtlMs, barrierTimeoutMs } = loadConfig(serveOptions, {
      flags: {},
      env: {},
    });
    expect(holdTimeoutMs).toBeGreaterThan(2 * sessionTtlMs + barrierTimeoutMs);
  });

  test('names an unknown key, and every bad value with where it came from and what was expected', () => {
    const load = () =>
      loadConfig(serveOptions, {
        flags: { sessionTtlMs: '5' },
        env: { QUORATE_LISTEN: 'nonsense' },
        file: file('nmae: x\n'),
      });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/unknown key "nmae"/);
    expect(load).toThrow(/QUORATE_LISTEN: bad value "nonsense" for "listen": expected HOST:PORT/);
    expect(load).toThrow(/--session-ttl: bad value "5"/);
  });

  test('splits a comma list of etcd endpoints and refuses what is none', () => {
    const etcd = (value: string) => loadConfig(serveOptions, { flags: { etcd: value }, env: {} }).etcd;
    expect(etcd('10.0.0.1:2379, http://10.0.0.2:2379')).toEqual(['10.0.0.1:2379', 'http://10.0.0.2:2379']);
    expect(() => etcd('10.0.0.1')).toThrow(/expected HOST:PORT/);
  });

  test('never prints a secret, nor repeats it in an error', () => {
    const config = loadConfig(serveOptions, { flags: {}, env: { QUORATE_ETCD_PASSWORD: 'hunter2' } });
    expect(JSON.stringify(redactConfig(serveOptions, config))).not.toContain('hunter2');
    expect(redactConfig(serveOptions, config)['etcdPassword']).toBe('***');
    const broken = () =>
      loadConfig(serveOptions, { flags: {}, env: {}, file: file('etcdPassword: [hunter2]\n') });
    expect(broken).toThrow(/etcdPassword/);
    expect(broken).not.toThrow(/hunter2/);
  });

  test.each([
    ['a quote that is not closed', 'etcdPassword: "hunter2\n'],
    ['a flow that is not closed', 'etcdPassword: {hunter2\n'],
    ['an alias', 'etcdPassword: *hunter2\n'],
    ['a tag', 'etcdPassword: !hunter2 x\n'],
    ['a password in the endpoints', 'etcd: ["http://root:hunter2@10.0.0.1:2379"]\n'],
    ['a password in the URL', 'advertise: http://root:hunter2@10.0.0.1:4000\n'],
  ])('tells of %s without repeating what stands there', (_, text) => {
    const load = () => loadConfig(serveOptions, { flags: {}, env: {}, file: file(text) });
    expect(load).toThrow(ConfigError);
    expect(load).not.toThrow(/hunter2/);
  });

  test('says where a file is no YAML', () => {
    const load = () => loadConfig(serveOptions, { flags: {}, env: {}, file: file('cluster: a\nname: "b\n') });
    expect(load).toThrow(/no valid YAML at line \d+, column \d+/);
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('knows no key "%s"', (key) => {
    const load = () => loadConfig(serveOptions, { flags: {}, env: {}, file: file(`${key}: {}\n`) });
    expect(load).toThrow(`unknown key "${key}"`);
  });

  test.each(['true', '[10]', '"1e3"', '"0x10"', '"1.5"', '""', '{}'])('takes %s for no number', (value) => {
    const load = () => loadConfig(serveOptions, { flags: {}, env: {}, file: file(`maxClients: ${value}\n`) });
    expect(load).toThrow(/"maxClients": expected a whole number from 1 to 1000000/);
  });

  test('takes a number as a number and as text', () => {
    const maxClients = (text: string) =>
      loadConfig(serveOptions, { flags: {}, env: {}, file: file(text) }).maxClients;
    expect(maxClients('maxClients: 12\n')).toBe(12);
    expect(maxClients('maxClients: "12"\n')).toBe(12);
  });
});
