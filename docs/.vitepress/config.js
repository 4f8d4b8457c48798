import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import llmstxt from 'vitepress-plugin-llms';
import { API_ENTRIES, apiSidebars } from '../../scripts/site/apiSidebar.ts';
import { slug } from '../../scripts/site/slug.ts';
import { sourceLinks } from '../../scripts/site/sourceLinks.ts';
import { SECTIONS } from './sections.js';

/** Three waves. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#3a7bd5" stroke-width="2">' +
  '<path d="M1 4q3.5-3 7 0t7 0M1 9q3.5-3 7 0t7 0M1 14q3.5-3 7 0t7 0"/></svg>';

const DOCS = fileURLToPath(new URL('..', import.meta.url));

// GitHub Actions sets the first two. Without them, links into the repository are shown as plain text. `llms.txt` has links
// that begin with the site's URL, if it is known.
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, SITE_URL: site, SITE_IS_CHECKED: isChecked } = env;
const home = server && repository ? `${server}/${repository}` : undefined;
const linkOnSite = sourceLinks({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  repository: home && `${home}/blob/main`,
});

/** Lets the links of the pages lead to the site, where the pages themselves lead into the repository. */
function leadLinks(md) {
  md.core.ruler.push('source-links', ({ tokens, env: page }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href === null) continue;
        const target = linkOnSite(page.relativePath, href);
        if (target === undefined) token.attrs = [];
        else token.attrSet('href', target);
      }
    }
  });
}

/** `npm run check:site` finds dead links. Colours, the search and the code for browsers would take most of its time. */
const withoutColours = (code) => `<pre v-pre>${code.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`;

const sidebar = SECTIONS.map(({ text, pages }) => ({
  text,
  items: Object.entries(pages).map(([link, title]) => ({ text: title, link: `/${link}` })),
}));

export default defineConfig({
  title: 'Millrace',
  description: 'Training data bigger than memory, for TensorFlow.js and any other consumer in Node.js.',
  lang: 'en',
  cleanUrls: true,
  ...(isChecked && { mpa: true }),
  // Otherwise each page contains the list of all pages.
  metaChunk: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  cacheDir: '../node_modules/.cache/vitepress',
  markdown: { anchor: { slugify: slug }, config: leadLinks, ...(isChecked && { highlight: withoutColours }) },
  // The index of the search holds every page, so it is larger than Vite expects of a chunk.
  vite: {
    plugins: [llmstxt({ ignoreFiles: ['api/**'], sidebar, ...(site && { domain: site }) })],
    build: { chunkSizeWarningLimit: 2000 },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'From tf.data', link: '/from-tf-data' },
      { text: 'API', link: '/reference' },
    ],
    sidebar: { '/': [...sidebar, { text: 'API', items: API_ENTRIES }], ...apiSidebars(DOCS) },
    outline: [2, 3],
    ...(!isChecked && { search: { provider: 'local' } }),
    ...(home && { socialLinks: [{ icon: 'github', link: home }] }),
  },
});
