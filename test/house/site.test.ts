import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { SECTIONS } from '../../docs/.vitepress/sections.js';
import { pagesOfProject } from '../../scripts/checkDocs.js';
import { slug } from '../../scripts/site/slug.js';
import { sourceLinks } from '../../scripts/site/sourceLinks.js';
import { terminalSvg } from '../../scripts/site/terminalSvg.js';

const pages = [...pagesOfProject(), 'SECURITY.md', 'bench/README.md'].filter((page) => page.endsWith('.md'));
const textOf = (page: string): string => readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');

/** Returns the links of a page to other pages and files, with their anchors. */
const linksOf = (page: string): string[] =>
  [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href!).filter((href) => !/^[a-z]+:/.test(href));

const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading!.replace(/`|\[|\]\(.*?\)/g, '')));

const isDead = (page: string, href: string): boolean => {
  const [path = '', anchor] = href.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
};

describe('the pages', () => {
  it.each(pages)('%s has no dead link', (page) => {
    expect(linksOf(page).filter((href) => isDead(page, href))).toEqual([]);
  });

  it('hold links, and a dead one would be found', () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(200);
    expect(isDead('docs/start.md', 'errors.md#no-such-heading')).toBe(true);
    expect(isDead('docs/start.md', 'errors.md#warnings')).toBe(false);
  });
});

describe('the site', () => {
  const docs = pages.filter((page) => page.startsWith('docs/')).map((page) => relative('docs', page));
  const others = docs.filter((page) => page !== 'index.md');

  it('has each page of docs/ in its sidebar, and no other', () => {
    const inSidebar = SECTIONS.flatMap(({ pages }) => Object.keys(pages)).map((page) => `${page}.md`);
    expect(inSidebar.sort()).toEqual(others.sort());
  });

  it('links each page on its first page', () => {
    expect(linksOf('docs/index.md')).toEqual(expect.arrayContaining(others));
  });

  it.each(others)('leads from %s on and back', (page) => {
    const links = linksOf(join('docs', page)).map((href) => join(dirname(page), href.replace(/#.*/, '')));
    expect(links).toContain('index.md');
    expect(new Set(links.filter((link) => others.includes(link) && link !== page)).size).toBeGreaterThan(1);
  });
});

describe('sourceLinks', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-site-'));
  afterAll(() => rmSync(root, { recursive: true }));
  beforeAll(() => {
    for (const file of ['docs/api/millrace/operators/functions/batch.md', 'operators/batch.ts', 'bench/README.md']) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), '');
    }
  });
  const repository = 'https://example.org/owner/millrace/blob/main';

  it.each([
    [
      'a source file to the API page of its export',
      '../../operators/batch.ts',
      '../api/millrace/operators/functions/batch.md',
    ],
    ['another file into the repository', '../../bench/README.md#adding', `${repository}/bench/README.md#adding`],
    ['a page to itself', '../errors.md#warnings', '../errors.md#warnings'],
    ['an anchor to itself', '#below', '#below'],
    ['a URL to itself', 'https://example.org/', 'https://example.org/'],
  ])('leads %s', (_, href, target) => {
    expect(sourceLinks({ root, repository })('guides/page.md', href)).toBe(target);
  });

  it('leads nowhere if the repository is unknown', () => {
    expect(sourceLinks({ root, repository: undefined })('page.md', '../bench/README.md')).toBeUndefined();
  });

  it('refuses a link to a file that does not exist', () => {
    const leadLink = sourceLinks({ root, repository });
    expect(() => leadLink('page.md', '../operators/none.ts')).toThrow('docs/page.md links to ../operators/none.ts');
  });
});

describe('the README', () => {
  it('has less than 120 lines', () => {
    expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThan(120);
  });

  it('shows what the command line shows', () => {
    const picture = readFileSync('docs/terminal.svg', 'utf8');
    expect(picture.length).toBeLessThan(6000);
    expect(picture).toContain('TFRecord of tf.train.Example');
    expect(picture).toContain('epoch  5/5');
  });
});

describe('terminalSvg', () => {
  const line = (text: string, atMs: number) => ({ text, atMs, isCommand: false });

  it('escapes text, and wraps long lines between words', () => {
    const svg = terminalSvg([line('<a & b>', 0), line(`${'word '.repeat(20)}end`, 1)]);
    expect(svg).toContain('>&lt;a &amp; b&gt;</text>');
    expect(svg.match(/<text /g)).toHaveLength(3);
    expect(svg).toContain('>  word word word word word word word end</text>');
  });

  it('keeps the pauses, and shortens long ones', () => {
    const delays = [...terminalSvg([line('a', 0), line('b', 100), line('c', 9000)]).matchAll(/delay:(\d+)ms/g)];
    expect(delays.map(([, delay]) => delay)).toEqual(['0', '100', '900']);
  });
});
