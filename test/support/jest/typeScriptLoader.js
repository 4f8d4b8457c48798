import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { erased } from '../../../scripts/erased.js';

/** Hooks for `register`: they load the TypeScript of the project, also under the names of the package's entry points. */
const ROOT = new URL('../../../', import.meta.url).href;
const TESTS = `${ROOT}test/`;
const GLOBALS = new URL('./globals.js', import.meta.url).href;
const ENTRIES = { millrace: 'src', operators: 'operators', parquet: 'src/pipeline/parquet' };

export function resolve(specifier, context, next) {
  const { parentURL = ROOT } = context;
  // Which test file imports: it has its own modules of `test`.
  const file = new URL(parentURL).search;
  if (specifier === '@jest/globals') return { url: GLOBALS + file, shortCircuit: true };
  const source = sourceOf(specifier, parentURL);
  if (!source) return next(specifier, context);
  return { url: source.startsWith(TESTS) ? source + file : source, shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.startsWith(ROOT) || !/\.ts(\?|$)/.test(url)) return next(url, context);
  return { format: 'module', source: await erased(fileURLToPath(url)), shortCircuit: true };
}

/** Returns the URL of the TypeScript file of an import, or undefined for a package or a JavaScript file. */
function sourceOf(specifier, parent) {
  const entry = /^millrace(?:\/(\w+))?$/.exec(specifier);
  if (entry) {
    const name = entry[1] ?? 'millrace';
    return `${ROOT}${ENTRIES[name] ?? `src/${name}`}/index.ts`;
  }
  if (!/^\.\.?\//.test(specifier) || !parent.startsWith(ROOT)) return undefined;
  const url = new URL(specifier.replace(/\.js$/, '.ts'), parent).href;
  return url.endsWith('.ts') && existsSync(fileURLToPath(url)) ? url : undefined;
}
