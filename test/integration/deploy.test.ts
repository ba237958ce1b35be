import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { launchQuorate } from '../harness/servers/quorate.js';
import { temporaryDirectory } from '../harness/servers/tmp.js';

const DEPLOY = fileURLToPath(new URL('../../examples/deploy/', import.meta.url));
const UNITS = ['quorate.service', 'quorate-proxy.service'];

function unit(name: string): string {
  return readFileSync(join(DEPLOY, name), 'utf8');
}

/** Values of a setting of a unit, in order. */
function settings(name: string, key: string): string[] {
  return [...unit(name).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);
}

describe('units of systemd', () => {
  test.each(UNITS)('%s is accepted by systemd itself', (name) => {
    const folder = temporaryDirectory('units');
    // What it starts must exist where the unit says, so it is told where that is here.
    mkdirSync(join(folder, 'units'));
    const file = join(folder, 'units', name);
    writeFileSync(file, unit(name).replaceAll('/usr/bin/node', process.execPath));
    execFileSync('systemd-analyze', ['verify', '--man=no', file], { stdio: 'pipe' });
  });

  test('systemd does not accept everything', () => {
    const file = join(temporaryDirectory('units'), 'wrong.service');
    writeFileSync(file, unit('quorate.service').replace(/^ExecStart=.*$/m, 'ExecStart=/nowhere/node'));
    expect(() => execFileSync('systemd-analyze', ['verify', '--man=no', file], { stdio: 'pipe' })).toThrow(
      '/nowhere/node',
    );
  });

  test.each(UNITS)('%s restarts, is confined, and leaves time to stop', (name) => {
    for (const [key, value] of Object.entries({
      ...{ Restart: 'always', NoNewPrivileges: 'yes', ProtectSystem: 'strict', ProtectHome: 'yes' },
      ...{ PrivateTmp: 'yes', CapabilityBoundingSet: '', User: 'quorate' },
    }))
      expect([key, settings(name, key)]).toEqual([key, [value]]);
    expect(Number(settings(name, 'TimeoutStopSec')[0])).toBeGreaterThan(10);
    expect(Number(settings(name, 'LimitNOFILE')[0])).toBeGreaterThan(10_000);
    expect(settings('quorate.service', 'RestartPreventExitStatus')).toEqual(['5']);
  });
});

test('the example configuration is read, and in force as it stands', async () => {
  const file = join(DEPLOY, 'quorate.yaml');
  const printed = launchQuorate(['config', 'print', '--config', file]);
  expect([await printed.exited, printed.output]).toEqual([0, expect.stringContaining('cluster: default')]);
  expect(parse(printed.output)).toMatchObject(parse(readFileSync(file, 'utf8')));
});

test('what the example leaves as a comment is read as well', async () => {
  const file = join(temporaryDirectory('config'), 'quorate.yaml');
  const text = readFileSync(join(DEPLOY, 'quorate.yaml'), 'utf8').replace(/^# (?=[a-z]+[A-Za-z]*: )/gm, '');
  writeFileSync(file, text);
  expect(parse(text)).toHaveProperty('peerTlsCert');
  const printed = launchQuorate(['config', 'print', '--config', file]);
  expect([await printed.exited, printed.output]).toEqual([
    0,
    expect.stringContaining('etcdUsername: quorate'),
  ]);
});
