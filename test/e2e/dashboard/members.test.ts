import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember, QuorateProxy } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { makeToken } from '../../harness/servers/tokens.js';

let browser: Browser;
let etcd: EtcdCluster;
let first: QuorateMember;
let second: QuorateMember;
let dashboard: Dashboard;

beforeAll(async () => {
  [browser, etcd] = await Promise.all([startBrowser(), startEtcd()]);
  const file = join(temporaryDirectory('tokens'), 'tokens.yaml');
  const token = await makeToken(file, 'ADMIN', 'me');
  const common = { etcd: etcd.endpoints, args: ['--tokens', file], token };
  first = await QuorateMember.start({ name: 'm1', ...common });
  second = await QuorateMember.start({ name: 'm2', secretKey: first.secretKey, ...common });
  // At the member that does not lead: what it shows is what the other one does.
  dashboard = await Dashboard.open(browser, second.url);
  await dashboard.logIn(token);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([first, second].map((member) => member?.kill()));
  await etcd?.stop();
});

const row = (name: string) => dashboard.panel('Members').locator(`tr[id="member/${name}"]`);

describe('members, operations, actions and settings', () => {
  test('the members are shown, with their coordinator', async () => {
    await dashboard.go('members');
    await row('m1').getByText('LEADER').waitFor();
    await row('m2').getByText('HEALTHY').waitFor();
    await dashboard.panel('Coordinator').getByText('etcd', { exact: true }).waitFor();
  });

  test('another one is let lead', async () => {
    await dashboard.button('Let it lead m2').click();
    await dashboard.press('Let it lead');
    await dashboard.done();
    await row('m2').getByText('LEADER').waitFor({ timeout: 20_000 });
  });

  test('a member is added, given other addresses, and removed', async () => {
    await dashboard.button('Add a member').click();
    await dashboard.fill({ Name: 'm3', 'Peer URLs': 'tcp://127.0.0.1:4199' });
    await dashboard.press('Add a member');
    await dashboard.done();
    await row('m3').getByText('JOINING').waitFor();
    await dashboard.button('API URLs m3').click();
    await dashboard.fill({ 'API URLs': 'http://127.0.0.1:4198' });
    await dashboard.press('API URLs');
    await dashboard.done();
    await row('m3').getByText('http://127.0.0.1:4198').waitFor();
    await dashboard.button('Peer URLs m3').click();
    await dashboard.fill({ 'Peer URLs': 'tcp://127.0.0.1:4197' });
    await dashboard.press('Peer URLs');
    await dashboard.done();
    await row('m3').getByText('tcp://127.0.0.1:4197').waitFor();
    await dashboard.button('Remove m3').click();
    await dashboard.dialog.getByLabel(/Type/).fill('m3');
    await dashboard.press('Remove');
    await dashboard.done();
    await row('m3').waitFor({ state: 'detached' });
  });

  test('what would lose the quorum is refused, with the reason', async () => {
    first.process.signal('SIGSTOP');
    await row('m1').getByText('UNREACHABLE').waitFor();
    await dashboard.button('Remove m2').click();
    await dashboard.dialog.getByLabel(/Type/).fill('m2');
    await dashboard.press('Remove');
    const failure = dashboard.dialog.getByRole('alert');
    await failure.waitFor({ timeout: 30_000 });
    first.process.signal('SIGCONT');
    expect(await failure.innerText()).toMatch(/WOULD_LOSE_QUORUM|UNHEALTHY/);
    await dashboard.page.keyboard.press('Escape');
    await row('m1').getByText('HEALTHY').waitFor();
  });

  test('a change is shown as confirmed as soon as a proxy that hung has confirmed it', async () => {
    const proxy = await QuorateProxy.start({
      ...{ name: 'p0', etcd: etcd.endpoints, secretKey: first.secretKey },
      args: ['--session-ttl', '20000'],
    });
    try {
      await dashboard.go('actions');
      proxy.process.signal('SIGSTOP');
      await first.run('mutation { createGroup(input: { number: 77 }) { userErrors { message } } }');
      const row = dashboard.page.getByRole('row').filter({ hasText: 'group 77' }).first();
      await row.getByText('not yet by p0').waitFor();
      proxy.process.signal('SIGCONT');
      await row.getByText('1 proxy').waitFor();
    } finally {
      await proxy.stop();
      await first.run('mutation { removeGroup(input: { number: 77 }) { userErrors { message } } }');
    }
  });

  test('a proxy that is out of touch is fenced, and removed', async () => {
    const proxy = await QuorateProxy.start({
      ...{ name: 'p1', etcd: etcd.endpoints, secretKey: first.secretKey },
      args: ['--session-ttl', '2000'],
    });
    try {
      await dashboard.go('redis');
      const proxies = dashboard.panel('Proxies');
      await proxies.getByText('ONLINE', { exact: true }).waitFor();
      proxy.process.signal('SIGSTOP');
      await proxies.getByText('UNREACHABLE', { exact: true }).waitFor();
      await dashboard.button('Fence p1').click();
      await dashboard.dialog.getByLabel(/Type/).fill('p1');
      await dashboard.press('Fence');
      await dashboard.done();
      await proxies.getByText('FENCED', { exact: true }).waitFor();
      await dashboard.button('Remove p1').click();
      await dashboard.dialog.getByLabel(/Fence it first/).check();
      await dashboard.dialog.getByLabel(/Type/).fill('p1');
      await dashboard.press('Remove');
      await dashboard.done();
      await proxies.getByText('None is registered').waitFor();
    } finally {
      await proxy.kill();
    }
  });

  test('the action feed is narrowed, held still and followed', async () => {
    await dashboard.go('actions');
    const feed = dashboard.panel('Action feed');
    await feed.getByLabel('Type', { exact: true }).selectOption('MEMBER_REMOVED');
    await expect.poll(() => feed.locator('tbody tr').count()).toBe(1);
    expect(dashboard.page.url()).toContain('type=MEMBER_REMOVED');
    await feed.getByLabel('Type', { exact: true }).selectOption('');
    await dashboard.button('Hold').click();
    const before = await feed.locator('tbody tr').count();
    await second.run('mutation { createGroup(input: { number: 5 }) { userErrors { message } } }');
    await dashboard.button('Follow (1 new)').waitFor();
    expect(await feed.locator('tbody tr').count()).toBe(before);
    await dashboard.button('Follow (1 new)').click();
    await feed.getByRole('link', { name: 'group/5' }).click();
    await dashboard.page.getByRole('region', { name: 'Group 5' }).waitFor();
  });

  test('old actions are collected', async () => {
    await dashboard.go('actions');
    await dashboard.button('Collect').click();
    await dashboard.fill({ Keep: '1' });
    await dashboard.dialog.getByLabel(/Type/).fill('collect');
    await dashboard.press('Collect');
    await dashboard.done();
  });

  test('limits are changed and lifted, and the tokens are named without what is secret', async () => {
    await dashboard.go('settings');
    const limits = dashboard.panel('Limits of moves');
    await limits.getByRole('button', { name: 'Change' }).click();
    await dashboard.fill({
      'Keys per second and source server': '1234',
      'Slow down above this latency, in ms': '',
    });
    await dashboard.press('Change');
    await dashboard.done();
    await limits.getByText('1.23 k/s').waitFor();
    await limits.getByText('no limit').first().waitFor();
    const { migrationLimits } = await second.run('{ migrationLimits { keysPerSecond sourceLatencyMs } }');
    expect(migrationLimits).toEqual({ keysPerSecond: 1_234, sourceLatencyMs: null });
    const text = await dashboard.panel('Tokens').innerText();
    expect(text).toMatch(/me\s+ADMIN/);
    expect(text).not.toContain('qt_');
    expect(dashboard.complaints).toEqual([]);
  });
});
