import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataPageFacts, FeatureFacts, GroupFacts } from '../../src/page/data/dataFacts.js';
import { dataPage } from '../../src/page/data/dataPage.js';
import { CHROMIUM, problemsOf, startChromium, type BrowserPage } from '../support/chromium.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

if (CHROMIUM === undefined)
  console.log('Chromium is not installed, so the tests of the data page in a browser do not run.');

const newFolder = temporaryFolders();
const HOSTILE = '</script><img src=x onerror="document.title=1">';
const THUMBNAIL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const histogram = {
  l: 'values',
  from: 0,
  to: 4,
  c: [
    [10, 100, 50, 0],
    [100, 20, 0, 5],
  ],
};
const feature = (name: string, distance: number): FeatureFacts => ({
  n: name,
  t: 'int64',
  d: [distance, 0.01, 'values'],
  f: [
    { m: 2, min: 0, max: distance * 100, mean: 1.5, q: [0, 1, 2, 3, 4] },
    { m: 0, min: 0, max: 5, mean: 1.2 },
  ],
  h: [histogram],
  v: [
    [HOSTILE, 7, 3],
    ['b', 2, 0],
  ],
  s: [9, 3],
  x: [[HOSTILE], ['b']],
});

const set = (name: string): GroupFacts['sets'][number] => ({
  name,
  records: 1000,
  extent: '1000 records in 9000 bytes',
  remarks: ['a remark'],
  proposal: { title: 'Features for parseExample,', text: '{ "x": 1 }' },
});

const group = (features: readonly FeatureFacts[]): GroupFacts => ({
  title: 'TFRecord of tf.train.Example',
  sets: [set('train'), set('validation')],
  sizes: histogram,
  classes: {
    feature: 'label',
    classes: [
      ['cat', 7, 3],
      ['dog', 2, 0],
    ],
    totals: [9, 3],
  },
  images: [{ feature: HOSTILE, url: THUMBNAIL, text: '1 × 1' }],
  features,
});

(CHROMIUM ? describe : describe.skip)('the data page in Chromium', () => {
  let browser: BrowserPage;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  async function openPage(features: readonly FeatureFacts[], width?: number, scheme?: 'dark' | 'light'): Promise<void> {
    await open({ title: 'train against validation', groups: [group(features)] }, width, scheme);
  }

  async function open(facts: DataPageFacts, width?: number, scheme?: 'dark' | 'light'): Promise<void> {
    const page = join(newFolder(), 'data.html');
    writeFileSync(page, dataPage(facts));
    await browser.open(pathToFileURL(page).href, width, scheme);
  }

  const evaluate = (expression: string): Promise<unknown> => browser.page.evaluate(expression);
  const three = ['x10', 'x9', HOSTILE].map((name, at) => feature(name, 0.3 - at / 10));
  const names = '[...document.querySelectorAll(".main > tbody > tr > th")].map((each) => each.textContent)';
  it.each([360, 1600])('fits a screen of %d px, and needs no network', async (width) => {
    await openPage(three, width);
    expect(await evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(browser.requested.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  it.each([360, 1600])('shows the ends of the range at the ends of a histogram on a screen of %d px', async (width) => {
    await openPage(three, width);
    const gap = `Array.from(document.querySelectorAll('.axis'), (axis) => {
      const [from, to] = Array.from(axis.children, (end) => end.getBoundingClientRect());
      const { left, right } = axis.getBoundingClientRect();
      return Math.round(from.left - left + right - to.right);
    })`;
    const gaps = (await evaluate(gap)) as number[];
    expect(new Set(gaps)).toEqual(new Set([0]));
  });

  it('sorts by a column with keys, and tells screen readers the order', async () => {
    await openPage(three);
    await evaluate('document.querySelector(".main thead button").focus()');
    await browser.page.keyboard.press('Enter');
    expect(await evaluate(names)).toEqual([HOSTILE, 'x9', 'x10']);
    expect(await evaluate('document.querySelector(".main thead th").getAttribute("aria-sort")')).toBe('ascending');
    await browser.page.keyboard.press('Enter');
    expect(await evaluate(names)).toEqual(['x10', 'x9', HOSTILE]);
  });

  it('shows integers exactly, and very large and small numbers briefly', async () => {
    const figures = { m: 0, min: -1_700_123_456, max: 2 ** 63, mean: 1.4e-45, sd: 12.345678 };
    await openPage([{ n: 'x', t: 'float32', f: [figures, null], d: [1, 0, 'presence'], h: [], s: [1, 0] }]);
    const shown = await browser.page.locator('.detail td').allTextContents();
    expect(shown).toEqual(expect.arrayContaining(['-1,700,123,456', '9.22337e+18', '1.4e-45', '12.3457']));
  });

  it('closes and opens the details of a feature', async () => {
    await openPage(three);
    const details = 'document.querySelectorAll(".detail").length';
    const button = 'document.querySelector(".main > tbody button")';
    expect(await evaluate(details)).toBe(3);
    await evaluate(`${button}.click()`);
    expect([await evaluate(details), await evaluate(`${button}.ariaExpanded`)]).toEqual([2, 'false']);
    await evaluate(`${button}.click()`);
    expect([await evaluate(details), await evaluate(`${button}.ariaExpanded`)]).toEqual([3, 'true']);
  });

  it('shows hostile names and values as text', async () => {
    await openPage(three);
    expect(await evaluate('document.title')).toBe('Data: train against validation');
    expect(await evaluate('document.querySelectorAll("img").length')).toBe(1);
    expect(await evaluate('document.querySelector(".detail .value").textContent')).toBeTruthy();
    expect(await evaluate('document.body.textContent')).toContain(HOSTILE);
  });

  it('selects and copies the features to parse with', async () => {
    await openPage(three);
    await evaluate('document.querySelector(".copy").click()');
    expect(await evaluate('getSelection().toString()')).toBe('{ "x": 1 }');
  });

  it.each(['light', 'dark'] as const)('has no serious problem of accessibility in the theme %s', async (scheme) => {
    await openPage(three, 360, scheme);
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      { light: 'rgb(255, 255, 255)', dark: 'rgb(20, 23, 27)' }[scheme],
    );
    expect(await problemsOf(browser.page)).toEqual([]);
  });

  it('fits a phone with long names of the data sets, without a figure that only the mouse can reach', async () => {
    const sets = ['train', 'validation'].map((name) =>
      set(`/a/folder/of/${'long'.repeat(8)}/${name}-00000-of-00512.csv`),
    );
    const numbers = {
      m: 123_456_789,
      min: -1.234_56e-31,
      max: 9.876_54e30,
      len: [1_234_567, 7_654_321.5, 123_456_789],
    };
    const long: FeatureFacts = {
      ...feature('x', 0.3),
      f: [numbers, numbers],
      v: [[HOSTILE, 123_456_789, 12_345_678]],
      s: [246_913_578, 24_691_356],
    };
    await open({ title: sets.map(({ name }) => name).join(' against '), groups: [{ ...group([long]), sets }] }, 360);
    expect(await evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await problemsOf(browser.page)).toEqual([]);
  });

  it('shows 100 of 10,000 features, and finds the others', async () => {
    await openPage(Array.from({ length: 10_000 }, (_, at) => feature(`feature ${at}`, 0.5 - at / 20_000)));
    const rows = `${names}.length`;
    expect(await evaluate(rows)).toBe(100);
    await evaluate('document.querySelector(".features > button").click()');
    expect(await evaluate(rows)).toBe(200);
    await evaluate(`{
      const search = document.querySelector('input');
      search.value = 'e 9876';
      search.dispatchEvent(new Event('input'));
    }`);
    expect(await evaluate(names)).toEqual(['feature 9876']);
    expect(await evaluate('document.querySelector("[role=status]").textContent')).toBe('Showing 1 of 1 features');
  });
});
