import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { SLAVE_PASSWORD, untilCaughtUp } from '../../harness/servers/binlog/binlog-api.js';
import { startBrowser } from '../../harness/servers/browser.js';
import { Dashboard } from '../../harness/servers/dashboard.js';
import { Estate } from '../../harness/servers/estate.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { MysqlServer } from '../../harness/servers/mysql/server.js';
import { freePort } from '../../harness/servers/ports.js';

let browser: Browser;
let estate: Estate;
let replica: MysqlServer;
let dashboard: Dashboard;

beforeAll(async () => {
  [browser, estate, replica] = await Promise.all([
    startBrowser(),
    Estate.start('--journal-segment-size', '4096'),
    MysqlServer.start({ flavour: 'mariadb' }),
  ]);
  dashboard = await Dashboard.open(browser, estate.member.url);
  await dashboard.logIn(estate.tokens.ADMIN);
  await dashboard.go('binlog');
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([estate?.stop(), replica?.remove()]);
});

describe('from a source to a replica, with the mouse', () => {
  test('a source that cannot be followed is told with the reason, and nothing is written', async () => {
    await dashboard.button('Start').click();
    await dashboard.fill({ Source: '127.0.0.1:1', User: REPL.user, Password: REPL.password });
    await dashboard.press('Start');
    const failure = dashboard.dialog.getByRole('alert');
    await failure.waitFor({ timeout: 20_000 });
    expect(await failure.innerText()).toContain('SOURCE_UNAVAILABLE');
  });

  test('the syncer is started', async () => {
    await dashboard.fill({ Source: estate.source.address });
    await dashboard.press('Start');
    await dashboard.done();
    await dashboard.panel('Syncer').getByText('RUNNING').waitFor({ timeout: 20_000 });
    const picture = dashboard.page.locator('.topology');
    await picture.getByText(estate.source.address).waitFor();
    expect(await picture.locator('path').count()).toBeGreaterThanOrEqual(2);
  });

  test('a binlog server is started, and the statement that it shows attaches a real replica', async () => {
    const port = await freePort();
    await dashboard.button('Start a binlog server').click();
    await dashboard.fill({
      ...{ Name: 'b1', 'Listens at': `127.0.0.1:${port}` },
      ...{ 'Slaves log in as': 'slave', 'With the password': SLAVE_PASSWORD },
    });
    await dashboard.press('Start a binlog server');
    const statement = await dashboard.dialog.locator('pre').innerText();
    expect(statement).not.toContain(SLAVE_PASSWORD);
    for (const one of statement
      .replace('…', SLAVE_PASSWORD)
      .split(';')
      .filter((part) => part.trim() !== ''))
      await replica.query(one);
    await dashboard.press('Done');
    await dashboard.page
      .locator('.topology')
      .getByText('slave', { exact: true })
      .waitFor({ timeout: 30_000 });
    await estate.source.query("INSERT INTO shop.t (text) VALUES ('seen')");
    await expect
      .poll(() => replica.query('SELECT text FROM shop.t').catch(() => []), { timeout: 30_000 })
      .toEqual([{ text: 'seen' }]);
    await dashboard.panel('Slaves').getByText('b1 on m1').waitFor();
  });

  test('a slave is disconnected, and comes back by itself', async () => {
    const slaves = dashboard.panel('Slaves');
    const before = await slaves.locator('tbody tr').first().getAttribute('id');
    await slaves.getByRole('button', { name: /^Disconnect/ }).click();
    await dashboard.press('Disconnect');
    await dashboard.done();
    await replica.query('STOP SLAVE');
    await replica.query('START SLAVE');
    await expect
      .poll(
        async () =>
          slaves
            .locator('tbody tr')
            .first()
            .getAttribute('id')
            .catch(() => before),
        { timeout: 30_000 },
      )
      .not.toBe(before);
  });

  test('another source is tried when it is previewed, and followed when it is confirmed', async () => {
    await dashboard.button('Switch the source').click();
    await dashboard.fill({ 'New source': estate.source.address });
    await dashboard.press('Preview');
    await dashboard.dialog.getByText('It would be accepted.').waitFor({ timeout: 20_000 });
    const { syncer: before } = await estate.member.run('{ syncer { revision } }');
    await dashboard.press('Switch the source');
    await dashboard.done();
    const { syncer: after } = await estate.member.run('{ syncer { revision } }');
    expect(Number(after.revision)).toBeGreaterThan(Number(before.revision));
    await dashboard.panel('Syncer').getByText('RUNNING').waitFor({ timeout: 20_000 });
  });

  test('a purge says what would go, needs its name typed, and is done', async () => {
    for (let i = 0; i < 40; i++)
      await estate.source.query("INSERT INTO shop.t (text) VALUES (REPEAT('x', 200))");
    await untilCaughtUp(estate.member, estate.source);
    await expect.poll(() => replica.query('SELECT COUNT(*) AS n FROM shop.t')).toEqual([{ n: '41' }]);
    const { journal } = await estate.member.run('{ journal { segments { name } } }');
    expect(journal.segments.length).toBeGreaterThan(2);
    for (const [title, label, value] of [
      ['Purge by age', 'Files that end before', '2001-01-01T00:00'],
      ['Purge by size', 'Keep at least so many bytes', '0'],
    ] as const) {
      await dashboard.button(title).click();
      await dashboard.fill({ [label]: value });
      await dashboard.press('Preview');
      await dashboard.dialog.locator('.preview').waitFor();
      const purge = dashboard.dialog.getByRole('button', { name: title, exact: true });
      expect(await purge.isDisabled()).toBe(true);
      if (title === 'Purge by age') {
        await dashboard.dialog.getByText('Nothing would go.').waitFor();
        await dashboard.page.keyboard.press('Escape');
      } else {
        await dashboard.dialog.getByText('Would go for good').waitFor();
        await dashboard.dialog.getByLabel(/Type/).fill('purge');
        await purge.click();
      }
      await dashboard.done();
    }
    await dashboard.page.getByText('Files', { exact: true }).click();
    const files = dashboard.page.getByRole('group', { name: 'Files of the journal' });
    await files.getByText(journal.segments.at(-1)!.name).waitFor();
    expect(await files.getByText('quorate-binlog.000001').count()).toBe(0);
  });

  test('GTIDs are shown in full on request, and copied', async () => {
    await dashboard.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dashboard.button('Copy executed GTIDs').click();
    const copied: string = await dashboard.page.evaluate('navigator.clipboard.readText()');
    expect(copied).toMatch(/^0-\d+-\d+$/);
    expect(dashboard.complaints).toEqual([]);
  });

  test('binlog server and syncer are stopped, and the server removed', async () => {
    await dashboard.button('Stop b1').click();
    await dashboard.press('Stop');
    await dashboard.done();
    await dashboard.panel('Binlog servers').getByText('STOPPED').waitFor();
    await dashboard.button('Remove b1').click();
    await dashboard.dialog.getByLabel(/Type/).fill('b1');
    await dashboard.press('Remove');
    await dashboard.done();
    await dashboard.panel('Binlog servers').getByText('Slaves have nothing to attach to yet.').waitFor();
    await dashboard.panel('Syncer').getByRole('button', { name: 'Stop' }).click();
    await dashboard.press('Stop');
    await dashboard.done();
    await dashboard.panel('Syncer').getByText('STOPPED').waitFor();
  });
});
