import { defineConfig } from 'vitepress';
import llms from 'vitepress-plugin-llms';

const DESCRIPTION = 'Feed a TensorFlow.js training loop from Node, with backpressure that holds.';

/** The site: the same Markdown that the repository shows, and the reference that TypeDoc writes from the docstrings. */
export default defineConfig({
  title: 'Millrace',
  description: DESCRIPTION,
  lang: 'en',
  cleanUrls: true,
  lastUpdated: true,
  // A dead link fails the build.
  ignoreDeadLinks: false,
  vite: { plugins: [llms({ domain: '', description: DESCRIPTION })] },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
