import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, BrowserContextOptions, Response } from 'playwright-core';
import {
  changeSyncer,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../../harness/servers/binlog/binlog-api.js';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { Estate } from '../../harness/servers/estate.js';
import { freePort } from '../../harness/servers/ports.js';

const PAGES = ['overview', 'binlog', 'redis', 'members', 'operations', 'actions', 'settings'];
/** Where something is chosen, and a dialog that is opened there by a button. */
const DIALOGS = [
  ['redis/slot/100-120', 'Move slots 100-120'],
  ['redis', 'Add a server to group 1'],
  ['binlog', 'Purge by size'],
  ['binlog', 'Attach a slave to b1'],
] as const;
/** Of all scripts of the first load, gzipped. */
const MAX_SCRIPT_BYTES = 60_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let estate: Estate;

beforeAll(async () => {
  [browser, estate] = await Promise.all([startBrowser(), Estate.start()]);
  const { member, source } = estate;
  await estate.shard(200);
  await changeSyncer(member, 'startSyncer', sourceInput(source));
  await member.run(
    'mutation ($input: StartBinlogServerInput!) { startBinlogServer(input: $input) { userErrors { message } } }',
    { input: slaveAccount('b1', await freePort()) },
  );
  await member.run(
    'mutation { moveSlots(input: { from: 0, to: 9, targetGroup: 2 }) { userErrors { message } } }',
  );
  await source.query("INSERT INTO shop.t (text) VALUES ('x')");
  await untilCaughtUp(member, source);
});
afterAll(async () => {
  await browser?.close();
  await estate?.stop();
});

async function open(options: BrowserContextOptions = {}): Promise<Dashboard> {
  const dashboard = await Dashboard.open(browser, estate.member.url, options);
  await dashboard.logIn(estate.tokens.ADMIN);
  return dashboard;
}

/** A page with all that it shows. */
async function show(dashboard: Dashboard, page: string): Promise<void> {
  await dashboard.go(page);
  await dashboard.page.locator('.panel').first().waitFor();
  const last = { overview: 'tr[id^="action/"]', actions: 'tr[id^="action/"]', redis: 'tr[id="proxy/m1"]' }[
    page
  ];
  if (last !== undefined) await dashboard.page.locator(last).first().waitFor();
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe holds against the page as it is, when it is serious. */
async function grievances({ page }: Dashboard): Promise<string[]> {
  const violations: Violation[] = await page.evaluate('axe.run().then(({ violations }) => violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

describe.each(['light', 'dark'] as const)('with %s colours', (colorScheme) => {
  test('axe finds nothing serious on any page, nor in dialogs', async () => {
    // The page's own policy lets no other script in.
    const dashboard = await open({ colorScheme, bypassCSP: true });
    await dashboard.page.evaluate(AXE);
    for (const page of PAGES) {
      await show(dashboard, page);
      expect(await grievances(dashboard), page).toEqual([]);
    }
    for (const [place, button] of DIALOGS) {
      await dashboard.go(place);
      await dashboard.button(button).click();
      await dashboard.dialog.waitFor();
      expect(await grievances(dashboard), button).toEqual([]);
      await dashboard.page.keyboard.press('Escape');
      await dashboard.done();
    }
    await dashboard.close();
  });

  test('axe finds nothing serious in the login, with a wrong token in it', async () => {
    const dashboard = await Dashboard.open(browser, estate.member.url, { colorScheme, bypassCSP: true });
    await dashboard.page.getByLabel('Token').fill('qt_wrong');
    await dashboard.button('Log in').click();
    await dashboard.page.getByRole('alert').waitFor();
    await dashboard.page.evaluate(AXE);
    expect(await grievances(dashboard)).toEqual([]);
    await dashboard.close();
  });
});

describe('the page', () => {
  test.each([360, 1440])(
    'is not wider than a screen of %i px, and loads nothing from elsewhere',
    async (width) => {
      const dashboard = await open({ viewport: { width, height: 900 } });
      const overflow = (): Promise<number> =>
        dashboard.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      for (const page of PAGES) {
        await show(dashboard, page);
        expect(await overflow(), page).toBeLessThanOrEqual(0);
      }
      for (const [place, button] of DIALOGS) {
        await dashboard.go(place);
        await dashboard.button(button).click();
        await dashboard.dialog.waitFor();
        const { x, width: wide } = (await dashboard.dialog.boundingBox())!;
        expect(x, button).toBeGreaterThanOrEqual(0);
        expect(x + wide, button).toBeLessThanOrEqual(width);
        await dashboard.page.keyboard.press('Escape');
        await dashboard.done();
      }
      expect(dashboard.foreign).toEqual([]);
      expect(dashboard.complaints).toEqual([]);
      await dashboard.close();
    },
  );

  test('needs less than 60 kB of script, gzipped, to show the overview with its charts', async () => {
    const dashboard = await Dashboard.open(browser, estate.member.url);
    const loaded: Response[] = [];
    dashboard.page.on('response', (response) => {
      if (response.request().resourceType() === 'script') loaded.push(response);
    });
    await dashboard.page.reload();
    await dashboard.logIn(estate.tokens.ADMIN);
    await dashboard.page.locator('.chart canvas').nth(1).waitFor();
    const sizes = await Promise.all(loaded.map(async (script) => gzipSync(await script.body()).length));
    expect(sizes.length).toBeGreaterThan(0);
    for (const script of loaded) {
      // What is smaller than a packet is sent as it is.
      if ((await script.body()).length > 2_000)
        expect(await script.headerValue('content-encoding'), script.url()).toMatch(/^(gzip|br)$/);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_SCRIPT_BYTES);
    await dashboard.close();
  });

  test('has one heading of the first level and landmarks on each page', async () => {
    const dashboard = await open();
    for (const page of PAGES) {
      await show(dashboard, page);
      expect(await dashboard.page.getByRole('heading', { level: 1 }).count(), page).toBe(1);
      for (const landmark of ['banner', 'navigation', 'main', 'search'] as const)
        expect(await dashboard.page.getByRole(landmark).count(), `${landmark} of ${page}`).toBe(1);
    }
    await dashboard.close();
  });
});

describe('who has no mouse', () => {
  test('searches with / and finds groups, servers, proxies and the slot of a key', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    const server = estate.redis[0]!.address;
    await show(dashboard, 'redis');
    for (const [text, hit, address] of [
      ['group 2', 'Group 2', '#/redis/group/2'],
      [server, `Server ${server} of group 1`, `#/redis/server/${encodeURIComponent(server)}`],
      ['proxy m1', /^Proxy m1 at/, '#/redis/proxy/m1'],
    ] as const) {
      await show(dashboard, 'overview');
      await page.locator('body').press('/');
      expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Search');
      await page.keyboard.type(text);
      await page.getByRole('search').getByText(hit).first().waitFor();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate('location.hash')).toBe(address);
    }
    await page.locator('body').press('/');
    await page.keyboard.type('{user1000}.following');
    await page.getByRole('search').getByText('Slot of the key').waitFor();
    await page.keyboard.press('Enter');
    const { slotOf } = await estate.member.run<{ slotOf: { number: number } }>(
      '{ slotOf(key: "{user1000}.following") { number } }',
    );
    await page.getByRole('heading', { name: `slot ${slotOf.number}`, exact: true }).waitFor();
    await dashboard.close();
  });

  test('opens a link with its object chosen', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    for (const [place, chosen] of [
      ['members/member/m1', 'tr[id="member/m1"].chosen'],
      ['redis/group/2', '[id="group/2"].chosen'],
      ['redis/proxy/m1', 'tr[id="proxy/m1"].chosen'],
      ['binlog/binlogServer/b1', 'tr[id="binlogServer/b1"].chosen'],
    ] as const) {
      await page.goto('about:blank');
      await dashboard.go(place);
      await page.locator(chosen).waitFor();
      await expect.poll(() => inView(dashboard, chosen), { message: place }).toBe(true);
    }
    await page.goto('about:blank');
    await dashboard.go('redis/slot/100-120');
    await page.getByRole('heading', { name: 'slots 100-120' }).waitFor();
    expect(await page.locator('.slot-row .chosen').count()).toBe(21);
    await dashboard.close();
  });

  test('skips to the content', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    await page.reload();
    await show(dashboard, 'overview');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('To the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    expect(await page.evaluate('location.hash')).toBe('#/overview');
    await dashboard.close();
  });

  test('reaches the slots by Tab, and comes back from a dialog to where it was opened', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    await show(dashboard, 'redis');
    const focused = (): Promise<string> =>
      page.evaluate(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
      );
    const tabTo = async (wanted: RegExp): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if (wanted.test(await focused())) return;
      }
      throw new Error(`Tab does not reach ${wanted}; it stands at ${await focused()}.`);
    };
    await tabTo(/^The 1024 slots/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await tabTo(/^Move slots 0-1$/);
    await page.keyboard.press('Enter');
    await dashboard.dialog.waitFor();
    expect(await page.evaluate('document.querySelector("dialog").contains(document.activeElement)')).toBe(
      true,
    );
    await page.keyboard.press('Escape');
    await dashboard.done();
    expect(await focused()).toBe('Move slots 0-1');
    await dashboard.close();
  });
});

function inView({ page }: Dashboard, selector: string): Promise<boolean> {
  return page.evaluate(`(() => {
    const { top, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  })()`);
}
