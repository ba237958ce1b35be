import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** The dashboard in a browser tab of its own, used as a person would. */
export class Dashboard {
  /** What the browser had against the page. */
  readonly complaints: string[] = [];
  /** What was loaded from elsewhere. */
  readonly foreign: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Dashboard> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const dashboard = new Dashboard(page, url);
    page.on('pageerror', (error) => dashboard.complaints.push(String(error.stack)));
    page.on('console', (message) => {
      if (/Content Security Policy|Uncaught/.test(message.text())) dashboard.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url))
        dashboard.foreign.push(request.url());
    });
    await page.goto(`${url}/`);
    return dashboard;
  }

  async logIn(token: string): Promise<void> {
    await this.page.getByLabel('Token').fill(token);
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  }

  /** By the navigation, or with an object in it by its address. */
  async go(place: string): Promise<void> {
    await this.page.goto(`${this.url}/#/${place}`);
    await this.page.locator('main h1').waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** By its whole accessible name. */
  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  panel(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Fills in the dialog's fields by their labels. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) {
      const field = this.dialog.getByLabel(label, { exact: true });
      if ((await field.evaluate(({ tagName }: { tagName: string }) => tagName)) === 'SELECT')
        await field.selectOption({ label: value });
      else await field.fill(value);
    }
  }

  /** Presses the dialog's own button. */
  async press(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click();
  }

  /** Until the dialog is gone: it was done. */
  async done(): Promise<void> {
    await this.dialog.waitFor({ state: 'detached', timeout: 20_000 });
  }
}
