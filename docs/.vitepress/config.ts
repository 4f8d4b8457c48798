import { defineConfig } from 'vitepress';
import llms from 'vitepress-plugin-llms';

const DESCRIPTION = 'Feed a TensorFlow.js training loop from Node, with backpressure that holds.';

/** The site: the Markdown files of the repository, and the reference that TypeDoc makes from the docstrings. */
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
