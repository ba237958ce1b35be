import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

let browser: Browser;
let member: QuorateMember;
let relay: TcpRelay;
let dashboard: Dashboard;

beforeAll(async () => {
  [browser, member] = await Promise.all([startBrowser(), QuorateMember.start()]);
});
afterAll(async () => {
  await browser?.close();
  await member?.stop();
});
beforeEach(async () => {
  relay = await TcpRelay.start(member.port);
  dashboard = await Dashboard.open(browser, `http://${relay.address}`);
  await dashboard.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await dashboard.page.evaluate('window.openedOnce = true');
});
afterEach(async () => {
  await dashboard?.close();
  await relay?.stop();
});

const createGroup = (number: number): Promise<object> =>
  member.run(`mutation { createGroup(input: { number: ${number} }) { userErrors { message } } }`);
const removeGroup = (number: number): Promise<object> =>
  member.run(`mutation { removeGroup(input: { number: ${number} }) { userErrors { message } } }`);

const groupCard = (number: number) =>
  dashboard.page.getByRole('region', { name: `Group ${number}`, exact: true });
const lost = () => dashboard.page.getByRole('alert').getByText('The connection is lost since');
const back = () => dashboard.page.getByRole('status').getByText('The connection is back since');

/** The feed as the page shows it, the newest first. */
function shownFeed(): Promise<string[]> {
  return dashboard.page
    .locator('tr[id^="action/"]')
    .evaluateAll((rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id));
}

/** Every action that the service keeps is shown exactly once, in its order. */
async function expectWholeFeed(): Promise<void> {
  await dashboard.go('actions');
  const { actions } = await member.run<{ actions: { nodes: { revision: string }[] } }>(
    '{ actions(last: 200) { nodes { revision } } }',
  );
  const kept = actions.nodes.map(({ revision }) => `action/${revision}`).reverse();
  expect(kept.length).toBeGreaterThan(0);
  await expect.poll(shownFeed, { timeout: 20_000 }).toEqual(kept);
}

async function expectNoReload(): Promise<void> {
  expect(await dashboard.page.evaluate('window.openedOnce')).toBe(true);
}

describe('a page whose connection goes away', () => {
  test('says so, and misses nothing that happened meanwhile', async () => {
    await createGroup(1);
    await createGroup(2);
    await dashboard.go('redis');
    await groupCard(2).waitFor();
    relay.cut();
    await lost().waitFor();
    await createGroup(3);
    await removeGroup(2);
    expect(await groupCard(2).isVisible()).toBe(true);
    relay.restore();
    await back().waitFor({ timeout: 60_000 });
    expect(await lost().count()).toBe(0);
    await groupCard(3).waitFor();
    await groupCard(2).waitFor({ state: 'detached' });
    await groupCard(1).waitFor();
    await expectWholeFeed();
    await expectNoReload();
    expect(dashboard.complaints).toEqual([]);
  });

  test('notices that it hears nothing any more, although nobody closed the connection', async () => {
    await dashboard.go('redis');
    relay.silence();
    await lost().waitFor({ timeout: 40_000 });
    await createGroup(4);
    relay.restore();
    await back().waitFor({ timeout: 60_000 });
    await groupCard(4).waitFor();
    await expectWholeFeed();
    await expectNoReload();
  });

  test('outlives a restart of the member', async () => {
    await dashboard.go('redis');
    await groupCard(1).waitFor();
    const { dataDir, port } = member;
    await member.stop();
    await lost().waitFor();
    member = await QuorateMember.start({ dataDir, port });
    await createGroup(5);
    await back().waitFor({ timeout: 60_000 });
    await groupCard(5).waitFor();
    await groupCard(1).waitFor();
    await expectWholeFeed();
    await createGroup(6);
    await dashboard.go('redis');
    await groupCard(6).waitFor();
    await expectNoReload();
  });
});
