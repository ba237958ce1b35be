import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../harness/servers/browser.js';
import { bundleSdk } from '../harness/servers/browser-sdk.js';
import { freePort } from '../harness/servers/ports.js';
import { QuorateMember } from '../harness/servers/quorate.js';
import { TcpRelay } from '../harness/servers/tcp-relay.js';

let browser: Browser;
let member: QuorateMember;
let relay: TcpRelay;
let page: Page;

beforeAll(async () => {
  [browser, member] = await Promise.all([startBrowser(), QuorateMember.start()]);
  relay = await TcpRelay.start(member.port);
  page = await browser.newPage();
  await page.goto(`http://${relay.address}/playground`);
  await page.evaluate(`${(await bundleSdk('iife')).code}; globalThis.quorate = quorate;`);
});

afterAll(async () => {
  await browser?.close();
  await relay?.stop();
  await member?.stop();
});

test('in a page the SDK asks where the page came from, and goes on after a break', async () => {
  const url = `http://${relay.address}`;
  const begun = await page.evaluate<string>(`(async () => {
    globalThis.client = quorate.createClient({ url: '' });
    globalThis.watching = client.watchActions();
    await client.createGroup({ input: { number: 1 } });
    for await (const { target } of { [Symbol.asyncIterator]: () => ({ next: () => watching.next() }) }) {
      if (target === 'group/1') break;
    }
    return (await client.group({ number: 1 })).id;
  })()`);
  expect(begun).toContain('1');
  relay.dropAll();
  for (const number of [2, 3]) {
    await member.run(`mutation { createGroup(input: { number: ${number} }) { userErrors { message } } }`);
  }
  const seen = await page.evaluate<string[]>(`(async () => {
    const targets = [];
    while (targets.length < 2) targets.push((await watching.next()).value.target);
    await client.close();
    return targets;
  })()`);
  expect(seen).toEqual(['group/2', 'group/3']);
  expect(page.url().startsWith(url)).toBe(true);
});

test('in a page its errors are of their kinds', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const names = await page.evaluate<string[]>(`(async () => {
    const name = (call) => call.then(() => 'none', (error) => error.name + (error instanceof quorate.QuorateSdkError));
    const client = quorate.createClient({ url: '/' });
    const lost = quorate.createClient({ url: '${nowhere}' });
    return [
      await name(client.createGroup({ input: { number: 1 } })),
      await name(client.group({ number: 'one' })),
      await name(lost.groups()),
      await name(lost.watchGroups().next()),
    ];
  })()`);
  expect(names).toEqual([
    'RefusedErrortrue',
    'InvalidRequestErrortrue',
    'UnreachableErrortrue',
    'UnreachableErrortrue',
  ]);
});
