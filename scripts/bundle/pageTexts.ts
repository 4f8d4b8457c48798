import { readFile } from 'node:fs/promises';
import { transform, type Plugin } from 'esbuild';

/** The files of `src/page` whose only template literal is a script or a style of an HTML page. */
const PAGE_TEXT = /\/src\/page\/(?:\w+\/)?\w+(Script|Style)\.ts$/;

/** Minifies the scripts and styles of HTML pages. They must not contain backslashes or substitutions. */
export const pageTexts: Plugin = {
  name: 'page texts',
  setup: (build) => {
    build.onLoad({ filter: PAGE_TEXT }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const isScript = PAGE_TEXT.exec(path)?.[1] === 'Script';
      const [literal = '', text = ''] = /`([^]*)`/.exec(source) ?? [];
      if (/[\\`]|\$\{/.test(text)) throw new Error(`${path}: expected one template literal without \\ and \${}`);
      const { code } = await transform(text, {
        loader: isScript ? 'js' : 'css',
        minify: true,
        // Only in this format, esbuild shortens the names at the top level.
        ...(isScript && { format: 'iife' }),
      });
      return { contents: source.replace(literal, () => JSON.stringify(code.trim())), loader: 'ts' };
    });
  },
};
