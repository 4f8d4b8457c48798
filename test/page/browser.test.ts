import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prefetch } from '../../operators/prefetch.js';
import { report } from '../../operators/report.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { CHROMIUM, startChromium, type BrowserPage } from '../support/chromium.js';
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
  async function openPage(width: number, scheme: 'dark' | 'light' = 'light'): Promise<void> {
    const page = join(newFolder(), 'report.html');
    const item$ = fromIterable(['a', 'b', 'c', 'd']).pipe(prefetch(2), report({ consumer: 'training', page }));
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const item of toAsyncIterable(item$)) clock.busy(300 * item.length);
    }
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await browser.open(pathToFileURL(page).href);
  }

  const press = async (key: string): Promise<void> => {
    for (const type of ['keyDown', 'keyUp']) {
      await browser.send('Input.dispatchKeyEvent', {
        type,
        key,
        code: key,
        windowsVirtualKeyCode: { Tab: 9, Home: 36 }[key],
      });
    }
  };

  it.each([360, 1600])('fits a screen of %d px, and needs no network', async (width) => {
    await openPage(width);
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(browser.requested.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  it('shows the figures of a moment by keys, also to screen readers', async () => {
    await openPage(1000);
    // The first Tab reaches the table, which scrolls on small screens.
    for (const key of ['Tab', 'Tab', 'Home']) await press(key);
    const range = 'document.activeElement.getAttribute("aria-valuetext")';
    expect(await browser.evaluate(range)).toMatch(/^0\.00 to 0\.30 s, waiting for input: 0 %, .*training busy: 100 %/);
    expect(await browser.evaluate('[...document.querySelectorAll(".now")].map((now) => now.textContent)')).toEqual(
      expect.arrayContaining(['0.00 to 0.30 s', '100 %']),
    );
  });

  it('shows the figures of the moment under the mouse', async () => {
    await openPage(1000);
    const middle =
      '(({ left, top, width }) => [left + width * 0.99, top + 5])(document.querySelector(".chart").getBoundingClientRect())';
    const [x, y] = (await browser.evaluate(middle)) as [number, number];
    await browser.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
    expect(await browser.evaluate('document.getElementById("time").textContent')).toMatch(/ to 2\.40 s$/);
  });

  it('names every chart and control for screen readers', async () => {
    await openPage(1000);
    const { nodes } = (await browser.send('Accessibility.getFullAXTree')) as {
      readonly nodes: readonly {
        readonly role?: { readonly value: string };
        readonly name?: { readonly value: string };
      }[];
    };
    const named = nodes.filter(({ role }) => ['image', 'slider', 'region', 'table'].includes(role?.value ?? ''));
    expect(named.map(({ role }) => role?.value)).toEqual(
      expect.arrayContaining(['image', 'slider', 'region', 'table']),
    );
    expect(named.filter(({ name }) => !name?.value)).toEqual([]);
  });

  it('follows the theme of the system', async () => {
    const background = async (scheme: 'dark' | 'light'): Promise<unknown> => {
      await openPage(1000, scheme);
      return browser.evaluate('getComputedStyle(document.body).backgroundColor');
    };
    expect([await background('light'), await background('dark')]).toEqual(['rgb(255, 255, 255)', 'rgb(20, 23, 27)']);
  });
});
