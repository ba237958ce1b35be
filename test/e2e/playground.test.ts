import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../harness/servers/browser.js';
import { QuorateMember } from '../harness/servers/quorate.js';
import { temporaryDirectory } from '../harness/servers/tmp.js';
import { makeToken } from '../harness/servers/tokens.js';

let browser: Browser;
let member: QuorateMember;
let page: Page;
let token: string;
const complaints: string[] = [];
const foreign: string[] = [];

beforeAll(async () => {
  const tokens = join(temporaryDirectory('tokens'), 'tokens.yaml');
  token = await makeToken(tokens, 'ADMIN', 'person');
  [browser, member] = await Promise.all([
    startBrowser(),
    QuorateMember.start({ args: ['--tokens', tokens], token }),
  ]);
  page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(member.url))
      foreign.push(request.url());
  });
});

afterAll(async () => {
  await browser?.close();
  await member?.stop();
});

/** Replaces what an editor holds, as a person would. */
async function write(editor: 'operation' | 'headers', text: string): Promise<void> {
  await page.locator(`.monaco-editor[data-uri*="${editor}"]`).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

function result(): Promise<string> {
  return page.locator('.monaco-editor[data-uri*="response"]').innerText();
}

/** Runs an operation once the page has understood it: the tab then bears its name. */
async function run(name: string, query: string, ...expected: string[]): Promise<void> {
  await write('operation', query);
  await page.locator('.graphiql-tab-active', { hasText: name }).waitFor();
  await page.getByRole('button', { name: /execute/i }).click();
  for (const text of expected) await expect.poll(result, { timeout: 15_000 }).toContain(text);
}

test('the playground runs a query, a mutation and a subscription with the token of its Headers tab, all from our own port', async () => {
  await page.goto(`${member.url}/playground`);
  await page.locator('.monaco-editor').first().waitFor();
  expect(await page.locator('.graphiql-tab').count()).toBeGreaterThanOrEqual(5);
  await page.getByRole('button', { name: 'Headers' }).click();
  await write('headers', `{ "Authorization": "Bearer ${token}" }`);

  await run('Look', 'query Look { cluster { name health } }', '"health"', '"default"');
  await run(
    'Make',
    'mutation Make { createGroup(input: { number: 42 }) { revision group { id } userErrors { message } } }',
    'group/42',
  );

  await run('Follow', 'subscription Follow { groupStatus(number: 43) { number } }');
  await member.run('mutation { createGroup(input: { number: 43 }) { revision userErrors { message } } }');
  await expect.poll(result, { timeout: 15_000 }).toContain('43');

  if (process.env['QUORATE_SCREENSHOTS'] !== undefined) {
    await page.screenshot({ path: join(process.env['QUORATE_SCREENSHOTS'], 'playground.png') });
  }
  expect(foreign).toEqual([]);
  expect(complaints.filter((text) => /Content Security Policy|TypeError|ReferenceError/.test(text))).toEqual(
    [],
  );
  const stored = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })');
  expect(stored).not.toContain(token);
});

/** Until the page has asked for the schema with it: it takes no operation before. */
async function enterToken(tab: Page): Promise<void> {
  const schema = tab.waitForResponse(async (response) => (await response.text()).includes('__schema'));
  await tab.getByLabel('Token').fill(token);
  await schema;
}

test('the token of the field is sent with every operation, and stays in this tab', async () => {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(`${member.url}/playground`);
  await tab.locator('.monaco-editor').first().waitFor();
  await enterToken(tab);
  await tab.getByRole('button', { name: /execute/i }).click();
  // The tab holds several operations: the first is chosen from the menu.
  await tab.getByRole('menuitem', { name: 'Overview' }).click();
  const answer = tab.locator('.monaco-editor[data-uri*="response"]');
  await expect.poll(() => answer.innerText(), { timeout: 15_000 }).toContain('"viewer"');
  expect(await tab.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(token);
  await tab.context().close();
});

test('on a phone in the dark it shows operation and answer below each other, and nothing white', async () => {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  const tab = await context.newPage();
  await tab.goto(`${member.url}/playground`);
  await tab.locator('.monaco-editor').first().waitFor();
  const [editor, answer] = await Promise.all(
    ['.graphiql-editors', '.graphiql-response'].map(async (part) => (await tab.locator(part).boundingBox())!),
  );
  expect(editor!.width).toBeGreaterThan(300);
  expect(answer!.width).toBeGreaterThan(300);
  expect(answer!.y).toBeGreaterThanOrEqual(editor!.y + editor!.height);
  expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(360);
  const background = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(background).toBe('rgb(33, 42, 59)');
  await context.close();
});

test('a link brings an operation with its variables, and leaves them out of what servers see', async () => {
  const tab = await (await browser.newContext()).newPage();
  const asked: string[] = [];
  tab.on('request', (request) => asked.push(request.url()));
  const query = 'query Linked($number: Int!) { group(number: $number) { id } }';
  const hash = new URLSearchParams({ query, variables: '{ "number": 42 }' });
  await tab.goto(`${member.url}/playground#${hash.toString()}`);
  await tab.locator('.graphiql-tab-active', { hasText: 'Linked' }).waitFor();
  const editor = (name: string) => tab.locator(`.monaco-editor[data-uri*="${name}"]`);
  await expect.poll(() => editor('variables').innerText(), { timeout: 15_000 }).toContain('42');
  await enterToken(tab);
  await tab.getByRole('button', { name: /execute/i }).click();
  const answer = editor('response');
  await expect.poll(() => answer.innerText(), { timeout: 15_000 }).toContain('group/42');
  expect(asked.filter((url) => url.includes('Linked'))).toEqual([]);
  await tab.context().close();
});
