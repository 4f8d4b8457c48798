import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { writeChange } from './buildOutput.js';
import { erased } from './erased.js';

/**
 * Writes the JavaScript of the given folders to `dist`, for the programs of tests and measurements. Each line keeps its
 * number. The package contains the bundle of `bundle/bundleCode.ts` instead.
 */
for (const folder of argv.slice(2)) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    const target = join('dist', file.replace(/\.ts$/, '.js'));
    if (name.endsWith('.ts')) {
      // Imports already end in `.js`, but the URLs of modules, for example of workers, end in `.ts`.
      const urls = /(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g;
      writeChange(target, (await erased(file)).replaceAll(urls, '$1.js$2'));
    } else if (name.endsWith('.js')) writeChange(target, readFileSync(file, 'utf8'));
  }
}
