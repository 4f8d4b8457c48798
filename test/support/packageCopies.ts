import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PROTOCOL } from '../../src/base/shared.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The exports that tests of several copies use, in one module. */
const ENTRY = `
export * from './src/index.ts';
export * as operators from './operators/index.ts';
export * as formats from './src/formats/index.ts';
export * as tfjs from './src/tfjs/index.ts';
`;

/**
 * Writes copies of the package to a folder. Each copy is a separate module with the same RxJS.
 *
 * @param protocols - the protocol of each copy, by file name without `.mjs`.
 */
export async function writePackageCopies(folder: string, protocols: Readonly<Record<string, number>>): Promise<void> {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, protocol] of Object.entries(protocols)) {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      keepNames: true,
      logLevel: 'error',
    });
    const own = readFileSync(outfile, 'utf8');
    const line = `var PROTOCOL = ${PROTOCOL};`;
    if (!own.includes(line)) throw new Error(`no line ${line} in the bundle`);
    writeFileSync(outfile, own.replace(line, `var PROTOCOL = ${protocol};`));
  }
}
