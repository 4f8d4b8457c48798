import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prefetch } from '../../operators/prefetch.js';
import { report, reportWithAdvice } from '../../operators/report.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { CHROMIUM, problemsOf, startChromium, type BrowserPage } from '../support/chromium.js';
import { handClock } from '../support/handClock.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

if (CHROMIUM === undefined)
  console.log('Chromium is not installed, so the tests of the report page in a browser do not run.');

const newFolder = temporaryFolders();

(CHROMIUM ? describe : describe.skip)('the page of a report in Chromium', () => {
  const clock = handClock();
  let browser: BrowserPage;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  /** Opens the page of a run of 2 epochs of 4 items, after each of which the consumer is busy for 300 ms. */
  async function openPage(width?: number, scheme?: 'dark' | 'light'): Promise<void> {
    const page = join(newFolder(), 'report.html');
    const item$ = fromIterable(['a', 'b', 'c', 'd']).pipe(prefetch(2), report({ consumer: 'training', page }));
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const item of toAsyncIterable(item$)) clock.busy(300 * item.length);
    }
    await browser.open(pathToFileURL(page).href, width, scheme);
  }

  const evaluate = (expression: string): Promise<unknown> => browser.page.evaluate(expression);
  const MOMENT = 'document.activeElement.getAttribute("aria-valuetext")';

  it.each([360, 1600])('fits a screen of %d px, and needs no network', async (width) => {
    await openPage(width);
    expect(await evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(browser.requested.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  it('shows the figures of a moment by keys, also to screen readers', async () => {
    await openPage();
    // The first Tab reaches the table, which scrolls on small screens.
    for (const key of ['Tab', 'Tab', 'Home']) await browser.page.keyboard.press(key);
    expect(await evaluate(MOMENT)).toMatch(/^0\.00 to 0\.30 s, waiting for input: 0 %, .*training busy: 100 %/);
    expect(await evaluate('[...document.querySelectorAll(".now")].map((now) => now.textContent)')).toEqual(
      expect.arrayContaining(['0.00 to 0.30 s', '100 %']),
    );
  });

  it('shows the figures of the moment under the mouse', async () => {
    await openPage();
    const { x, y, width } = (await browser.page.locator('.chart').first().boundingBox()) ?? { x: 0, y: 0, width: 0 };
    await browser.page.mouse.move(x + width * 0.99, y + 5);
    expect(await browser.page.textContent('#time')).toMatch(/ to 2\.40 s$/);
  });

  it.each(['light', 'dark'] as const)('has no serious problem of accessibility in the theme %s', async (scheme) => {
    await openPage(360, scheme);
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      { light: 'rgb(255, 255, 255)', dark: 'rgb(20, 23, 27)' }[scheme],
    );
    expect(await problemsOf(browser.page)).toEqual([]);
  });

  it.each(['consumer', 'source', 'stage', 'work', 'none'])('has a readable verdict of the kind %s', async (kind) => {
    await openPage();
    await evaluate(`document.querySelector('.verdict').className = 'verdict ${kind}'`);
    expect(await problemsOf(browser.page)).toEqual([]);
  });

  it('prints the charts and the table without the slider', async () => {
    await openPage();
    await browser.page.emulateMedia({ media: 'print' });
    expect(await browser.page.locator('.chart svg').first().isVisible()).toBe(true);
    expect(await browser.page.locator('#moment').isVisible()).toBe(false);
    await browser.page.emulateMedia({ media: 'screen' });
  });

  it('follows a running job without a reload, and keeps the focus and the selected moment', async () => {
    let onUrl: (url: string) => void = () => undefined;
    const served = new Promise<string>((resolve) => (onUrl = resolve));
    const watched = reportWithAdvice({ consumer: 'training', live: onUrl });
    const items = toAsyncIterable(fromIterable(['a', 'b', 'c']).pipe(watched))[Symbol.asyncIterator]();
    await items.next();
    clock.busy(300);
    await items.next();
    clock.busy(300);
    const url = await served;
    await browser.open(url);
    await browser.page.locator('#at').press('Home');
    const moment = await evaluate(MOMENT);
    const shown = (text: string): Promise<void> => browser.page.getByText(text).waitFor();
    clock.busy(2000);
    await items.next();
    await shown('Percentages are shares of 2.60 s');
    expect(await evaluate(MOMENT)).toBe(moment);
    await items.return?.();
    await watched.close();
    await shown('The job has ended.');
    expect(browser.requested.filter((each) => each.startsWith('http') && !each.endsWith('?next'))).toEqual([url]);
  });
});
