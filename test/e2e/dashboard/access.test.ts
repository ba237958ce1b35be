import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { Estate } from '../../harness/servers/estate.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

/** Where something is offered, and what is there for everybody as soon as what it depends on is known. */
const PLACES = [
  ['redis/slot/0-9', 'slots 0-9'],
  ['binlog', 'No source is followed yet'],
  ['members', 'HEALTHY'],
  ['operations', 'There is none.'],
  ['actions', 'Created group 2'],
  ['settings', 'Largest key that is moved'],
] as const;

let browser: Browser;
let estate: Estate;
let dashboard: Dashboard;

beforeAll(async () => {
  [browser, estate] = await Promise.all([startBrowser(), Estate.start()]);
  await estate.shard(10);
});
afterAll(async () => {
  await browser?.close();
  await estate?.stop();
});
afterEach(() => dashboard?.close());

describe('whoever opens the dashboard', () => {
  test('is asked for a token, and told when it is wrong', async () => {
    dashboard = await Dashboard.open(browser, estate.member.url);
    await dashboard.page.getByLabel('Token').fill('qt_wrong');
    await dashboard.button('Log in').click();
    const failure = dashboard.page.getByRole('alert');
    await failure.waitFor();
    expect(await failure.innerText()).toMatch(/UNAUTHENTICATED.*not known or has expired/);
    await dashboard.logIn(estate.tokens.VIEWER);
  });

  test('keeps the token in that tab only, until they log out', async () => {
    dashboard = await Dashboard.open(browser, estate.member.url);
    await dashboard.logIn(estate.tokens.VIEWER);
    const stored = (store: string): Promise<string> =>
      dashboard.page.evaluate(`JSON.stringify({ ...${store} })`);
    expect(await stored('sessionStorage')).toContain(estate.tokens.VIEWER);
    expect(await stored('localStorage')).not.toContain('qt_');
    await dashboard.page.reload();
    await dashboard.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    const other = await dashboard.page.context().newPage();
    await other.goto(`${estate.member.url}/`);
    await other.getByLabel('Token').waitFor();
    await dashboard.button('Log out').click();
    await dashboard.page.getByLabel('Token').waitFor();
    expect(await stored('sessionStorage')).not.toContain('qt_');
  });

  test('is offered what their role may do, and nothing else', async () => {
    const offered = async (token: string): Promise<string[]> => {
      const tab = await Dashboard.open(browser, estate.member.url);
      await tab.logIn(token);
      const names: string[] = [];
      for (const [place, shown] of PLACES) {
        await tab.go(place);
        await tab.page.getByText(shown).first().waitFor();
        names.push(...(await tab.page.locator('main button').allInnerTexts()));
      }
      await tab.close();
      return names;
    };
    const [viewer, operator, admin] = [
      await offered(estate.tokens.VIEWER),
      await offered(estate.tokens.OPERATOR),
      await offered(estate.tokens.ADMIN),
    ];
    for (const name of ['Move', 'Create a group', 'Start', 'Remove', 'Stop']) {
      expect(viewer).not.toContain(name);
      expect(operator).toContain(name);
    }
    for (const name of ['Add a member', 'Collect', 'Change']) {
      expect(operator).not.toContain(name);
      expect(admin).toContain(name);
    }
  });

  test('is let in at once where no tokens are configured, and told who may do what there', async () => {
    const open = await QuorateMember.start();
    try {
      dashboard = await Dashboard.open(browser, open.url);
      await dashboard.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await dashboard.go('settings');
      await dashboard.page.getByText('everybody on this machine may do everything').waitFor();
    } finally {
      await open.stop();
    }
  });

  test('is sent back to the login when the token is no longer known', async () => {
    const file = estate.tokensFile;
    const before = readFileSync(file, 'utf8');
    dashboard = await Dashboard.open(browser, estate.member.url);
    await dashboard.logIn(estate.tokens.VIEWER);
    writeFileSync(file, before.replace(/- name: viewer[\s\S]*?(?=- name|$)/, ''));
    await dashboard.page.getByLabel('Token').waitFor({ timeout: 30_000 });
    expect(await dashboard.page.getByRole('alert').innerText()).toMatch(/UNAUTHENTICATED|FORBIDDEN/);
    writeFileSync(file, before);
  });
});
