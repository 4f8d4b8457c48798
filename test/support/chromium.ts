import { spawnSync } from 'node:child_process';
import axe from 'axe-core';
import { chromium, type Page } from 'playwright-core';

/** The path of the first installed Chromium, or `undefined`. */
export const CHROMIUM = spawnSync('which', ['chromium', 'chromium-browser', 'google-chrome'])
  .stdout.toString()
  .split('\n')
  .find((path) => path !== '');

/** A page in a browser. */
export interface BrowserPage {
  readonly page: Page;
  /** Opens a file or URL, on a screen of this width. */
  readonly open: (url: string, width?: number, colorScheme?: 'dark' | 'light') => Promise<void>;
  /** The URLs that the page requested, and the errors that it logged. */
  readonly requested: readonly string[];
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

export async function startChromium(): Promise<BrowserPage> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args });
  const page = await browser.newPage();
  const [requested, errors]: [string[], string[]] = [[], []];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return {
    ...{ page, requested, errors },
    open: async (url, width = 1000, colorScheme = 'light') => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.goto(url);
    },
    close: () => browser.close(),
  };
}

/** Returns the serious problems of accessibility that axe finds in a page. */
export async function problemsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
