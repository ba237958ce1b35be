import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { Estate } from '../../harness/servers/estate.js';
import { RespClient } from '../../harness/servers/redis-client.js';

const KEYS = 2_000;

let browser: Browser;
let estate: Estate;
let dashboard: Dashboard;

beforeAll(async () => {
  [browser, estate] = await Promise.all([startBrowser(), Estate.start()]);
  dashboard = await Dashboard.open(browser, estate.member.url);
  await dashboard.logIn(estate.tokens.ADMIN);
  await dashboard.go('redis');
});
afterAll(async () => {
  await browser?.close();
  await estate?.stop();
});

/** Drags over the grid from one slot to another, as with a mouse. */
async function drag(from: number, to: number): Promise<void> {
  const grid = dashboard.page.locator('.slot-grid');
  await grid.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await grid.boundingBox())!;
  const at = (slot: number): [number, number] => [
    x + (((slot % 32) + 0.5) * width) / 32,
    y + ((Math.floor(slot / 32) + 0.5) * height) / 32,
  ];
  await dashboard.page.mouse.move(...at(from));
  await dashboard.page.mouse.down();
  await dashboard.page.mouse.move(...at(Math.floor((from + to) / 2)));
  await dashboard.page.mouse.move(...at(to));
  await dashboard.page.mouse.up();
}

/** How many slots each group has, as the legend says. */
async function legend(): Promise<string[]> {
  return dashboard.page.locator('.legend li').allInnerTexts();
}

async function untilLegend(...expected: string[]): Promise<void> {
  await expect.poll(legend, { timeout: 60_000 }).toEqual(expected);
}

describe('from nothing to a sharded Redis, with the mouse', () => {
  test('groups are created and given servers', async () => {
    for (const number of ['1', '2']) {
      await dashboard.button('Create a group').click();
      await dashboard.fill({ Number: number });
      await dashboard.press('Create a group');
      await dashboard.done();
      await dashboard.button(`Add a server to group ${number}`).click();
      await dashboard.fill({ Address: estate.redis[Number(number) - 1]!.address });
      await dashboard.press('Add a server');
      await dashboard.done();
      await dashboard.page.getByText(estate.redis[Number(number) - 1]!.address).waitFor();
    }
  });

  test('what is refused is told with its code, where it was filled in', async () => {
    await dashboard.button('Create a group').click();
    await dashboard.fill({ Number: '1' });
    await dashboard.press('Create a group');
    const failure = dashboard.dialog.getByRole('alert');
    await failure.waitFor();
    expect(await failure.innerText()).toContain('ALREADY_EXISTS');
    expect(await dashboard.dialog.getByLabel('Number').getAttribute('aria-invalid')).toBe('true');
    await dashboard.page.keyboard.press('Escape');
    await dashboard.done();
  });

  test('slots are created, chosen by dragging, and assigned', async () => {
    await dashboard.button('Create the slots').click();
    await dashboard.press('Create the slots');
    await dashboard.done();
    for (const [group, from, to] of [
      [1, 0, 767],
      [2, 768, 1023],
    ] as const) {
      await drag(from, to);
      await dashboard.page.getByRole('heading', { name: `slots ${from}-${to}` }).waitFor();
      await dashboard.button(`Assign slots ${from}-${to}`).click();
      const choice = dashboard.dialog.getByLabel('To', { exact: true });
      await choice.selectOption(String(group));
      await dashboard.press('Assign');
      await dashboard.done();
    }
    await untilLegend('group 1: 768', 'group 2: 256');
  });

  test('a move is previewed with its keys, then done while clients keep working', async () => {
    const client = await RespClient.connect(estate.member.proxyPort!);
    for (let i = 0; i < KEYS; i++) await client.ask('SET', `key:${i}`, `value ${i}`);
    await drag(0, 127);
    await dashboard.button('Move slots 0-127').click();
    await dashboard.dialog.getByLabel('To', { exact: true }).selectOption('2');
    await dashboard.press('Preview');
    const preview = dashboard.dialog.locator('.preview');
    await preview.waitFor();
    expect(await preview.innerText()).toMatch(/group 1 → group 2: 128 slots, \d+ keys/);
    await untilLegend('group 1: 768', 'group 2: 256');
    await dashboard.press('Move');
    await dashboard.done();
    await untilLegend('group 1: 640', 'group 2: 384');
    for (let i = 0; i < KEYS; i++) {
      const text = `value ${i}`;
      expect(await client.ask('GET', `key:${i}`)).toBe(`$${text.length}\r\n${text}`);
    }
    client.close();
  });

  test('a move is paused, resumed and cancelled, and shows how far it is', async () => {
    await estate.member.run(
      'mutation { setMigrationLimits(input: { keysPerSecond: 50, slotsPerBatch: 8 }) { userErrors { message } } }',
    );
    await drag(128, 639);
    await dashboard.button('Move slots 128-639').click();
    await dashboard.dialog.getByLabel('To', { exact: true }).selectOption('2');
    await dashboard.press('Preview');
    await dashboard.press('Move');
    await dashboard.done();
    const moves = dashboard.panel('Moves under way');
    await expect
      .poll(() => dashboard.page.locator('.legend').innerText(), { timeout: 20_000 })
      .toMatch(/moving: \d/);
    expect(await dashboard.page.locator('.slot-row .moving').count()).toBeGreaterThan(0);
    await moves.getByRole('button', { name: /^Pause/ }).click();
    await dashboard.press('Pause');
    await dashboard.done();
    await moves.getByText('PAUSED').waitFor({ timeout: 30_000 });
    await moves.getByRole('button', { name: /^Resume/ }).click();
    await dashboard.press('Resume');
    await dashboard.done();
    await moves.getByText('RUNNING').waitFor({ timeout: 30_000 });
    await moves.getByRole('button', { name: /^Cancel it/ }).click();
    await dashboard.press('Cancel it');
    await dashboard.done();
    await estate.member.run(
      'mutation { setMigrationLimits(input: { keysPerSecond: null }) { userErrors { message } } }',
    );
    await moves.waitFor({ state: 'detached', timeout: 60_000 });
    await dashboard.go('operations');
    await dashboard.panel('Ended').getByText('CANCELLED').waitFor();
    await dashboard.go('redis');
  });

  test('a rebalance is previewed and done', async () => {
    await dashboard.button('Rebalance').click();
    await dashboard.press('Preview');
    await dashboard.dialog.locator('.preview').waitFor();
    await dashboard.press('Rebalance');
    await dashboard.done();
    await untilLegend('group 1: 512', 'group 2: 512');
  });

  test('the slot and the group of a key are found', async () => {
    await dashboard.page.getByLabel('Slot of a key').fill('{user1}.cart');
    await dashboard.button('Find').click();
    await dashboard.page.getByText(/is in slot \d+ of group \d/).waitFor();
  });

  test('slots are chosen with the keyboard too', async () => {
    await dashboard.page.locator('.slot-grid').focus();
    await dashboard.page.keyboard.press('Escape');
    for (const key of ['ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowDown'])
      await dashboard.page.keyboard.press(key);
    await dashboard.page.getByRole('heading', { name: 'slots 0-33' }).waitFor();
  });

  test('what destroys is done only when its name was typed', async () => {
    await dashboard.button('Create a group').click();
    await dashboard.fill({ Number: '9' });
    await dashboard.press('Create a group');
    await dashboard.done();
    await dashboard.button('Remove group 9').click();
    const remove = dashboard.dialog.getByRole('button', { name: 'Remove', exact: true });
    expect(await remove.isDisabled()).toBe(true);
    await dashboard.dialog.getByLabel(/Type/).fill('group 8');
    expect(await remove.isDisabled()).toBe(true);
    await dashboard.dialog.getByLabel(/Type/).fill('group 9');
    await remove.click();
    await dashboard.done();
    await dashboard.page.getByRole('region', { name: 'Group 9' }).waitFor({ state: 'detached' });
  });

  test('a replica is added, answers reads when told so, and is removed', async () => {
    const { address } = estate.redis[2]!;
    await dashboard.button('Add a server to group 1').click();
    await dashboard.fill({ Address: address });
    await dashboard.press('Add a server');
    await dashboard.done();
    const group = dashboard.page.getByRole('region', { name: 'Group 1' });
    await group.getByText('replica', { exact: true }).waitFor();
    await dashboard.button('Reads from replicas of group 1').click();
    await dashboard.press('Reads from replicas');
    await dashboard.done();
    await group.getByText('answers reads').waitFor();
    await dashboard.button('Reads from the master only of group 1').click();
    await dashboard.press('Reads from the master only');
    await dashboard.done();
    await group.getByText('answers reads').waitFor({ state: 'detached' });
    await dashboard.button(`Remove ${address}`).click();
    await dashboard.dialog.getByLabel(/Type/).fill(address);
    await dashboard.press('Remove');
    await dashboard.done();
    await group.getByText(address).waitFor({ state: 'detached' });
  });

  test('a proxy is stopped, let serve again, and shows its commands', async () => {
    const proxies = dashboard.panel('Proxies');
    await dashboard.button('Stop m1').click();
    await dashboard.press('Stop');
    await dashboard.done();
    await proxies.getByText('OFFLINE', { exact: true }).waitFor({ timeout: 20_000 });
    await dashboard.button('Serve m1').click();
    await dashboard.press('Serve');
    await dashboard.done();
    await proxies.getByText('ONLINE', { exact: true }).waitFor({ timeout: 20_000 });
    const client = await RespClient.connect(estate.member.proxyPort!);
    await client.ask('GET', 'key:1');
    client.close();
    await proxies.getByRole('link', { name: 'm1' }).click();
    await dashboard.page.getByText(/get \d/).waitFor();
  });

  test('any action is copied as GraphQL, without what is secret, and opened in the playground', async () => {
    await dashboard.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dashboard.button('Add a server to group 1').click();
    await dashboard.fill({ Address: '10.0.0.9:6379', Password: 'never-shown-4711' });
    await dashboard.button('Copy as GraphQL Add a server to group 1').click();
    const text: string = await dashboard.page.evaluate('navigator.clipboard.readText()');
    expect(text).toContain('addServer(input: $input)');
    expect(text).toContain('"address": "10.0.0.9:6379"');
    expect(text).not.toContain('never-shown');
    const [playground] = await Promise.all([
      dashboard.page.context().waitForEvent('page'),
      dashboard.dialog.getByRole('link', { name: 'Open in the playground' }).click(),
    ]);
    await playground.locator('.graphiql-tab-active', { hasText: 'AddServer' }).waitFor();
    expect(playground.url()).not.toContain('never-shown');
    await playground.close();
    expect(dashboard.complaints).toEqual([]);
    expect(dashboard.foreign).toEqual([]);
  });
});
