/**
 * Takes the pictures that the README links to: `npm run screenshots` runs the demo for some seconds, with slots on their
 * way, and writes to examples/demo/screenshots/. Needs what the demo needs, and Chromium.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Demo, type Places } from '../examples/demo/demo.js';
import { parseOptions } from '../examples/demo/options.js';
import { startBrowser } from '../test/harness/servers/browser.js';
import { Dashboard } from '../test/harness/servers/dashboard.js';

/** Until the charts have something to show. */
const LOAD_MS = 45_000;
/** Slow enough that it is still under way in the last picture. */
const KEYS_PER_SECOND = 20;
const MAX_BYTES = 200_000;

/** With a value, not only a dash. */
const KNOWN_CHART = '.chart[aria-label*="committed"]:not([aria-label*="–"])';

const PICTURES = [
  { name: 'overview', place: 'overview', colorScheme: 'light' },
  { name: 'binlog', place: 'binlog', colorScheme: 'light' },
  { name: 'redis', place: 'redis', colorScheme: 'light' },
  { name: 'redis-dark', place: 'redis', colorScheme: 'dark' },
] as const;

const folder = new URL('../examples/demo/screenshots/', import.meta.url).pathname;
const options = parseOptions(['--port', '4700', '--as-is']);
const demo = new Demo(options, (text) => process.stdout.write(`${text}\n`));
process.once('exit', () => demo.endNow());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  const places = await demo.start();
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
  await startMove(places);
  await takePictures(places);
} finally {
  await demo.stop();
}
process.exit();

async function startMove({ member }: Places): Promise<void> {
  await member.run(
    `mutation { setMigrationLimits(input: { keysPerSecond: ${KEYS_PER_SECOND}, slotsPerBatch: 32 }) { userErrors { message } } }`,
  );
  await member.run(
    'mutation { moveSlots(input: { from: 256, to: 511, targetGroup: 2 }) { userErrors { message } } }',
  );
}

async function takePictures({ api, token }: Places): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await startBrowser();
  try {
    for (const { name, place, colorScheme } of PICTURES) {
      const dashboard = await Dashboard.open(browser, api[0]!, { colorScheme });
      const { page } = dashboard;
      await dashboard.logIn(token);
      await dashboard.panel('Under way').waitFor();
      await dashboard.go(place);
      if (place === 'overview') await page.locator(KNOWN_CHART).first().waitFor();
      if (place === 'redis') await page.locator('.slot-row .moving').first().waitFor();
      if (place === 'binlog') await page.locator('.topology path').nth(4).waitFor({ state: 'attached' });
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path });
      await dashboard.close();
      const { size } = statSync(path);
      if (size > MAX_BYTES)
        throw new Error(`${path} has ${size} bytes; more than ${MAX_BYTES} are too many.`);
      process.stdout.write(`${path}: ${size} bytes\n`);
    }
  } finally {
    await browser.close();
  }
}
