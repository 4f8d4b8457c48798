import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { digestOf, writeChange } from './buildOutput.js';

/** For each source, a digest of the source, its JavaScript and the tools. */
const MARKS = 'dist/.erased.json';

/**
 * Writes the JavaScript of the given folders to `dist`, without types, for the programs of tests and measurements. Each
 * line keeps its number. The package contains the bundle of `bundle/bundleCode.ts` instead.
 */
const folders = argv.slice(2);
const marks = existsSync(MARKS) ? (JSON.parse(readFileSync(MARKS, 'utf8')) as Record<string, string>) : {};
const maker = digestOf([fileURLToPath(import.meta.url), 'package-lock.json'].map((file) => readFileSync(file, 'utf8')));
for (const folder of folders) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) await erase(join(folder, file));
    else if (file.endsWith('.js')) writeChange(join('dist', folder, file), readFileSync(join(folder, file), 'utf8'));
  }
}
writeChange(MARKS, JSON.stringify(marks));

async function erase(file: string): Promise<void> {
  const source = readFileSync(file, 'utf8');
  const target = join('dist', file.replace(/\.ts$/, '.js'));
  if (existsSync(target) && marks[file] === markOf(source, readFileSync(target, 'utf8'))) return;
  // Loaded only if needed, because loading takes most of the time.
  const { default: tsBlankSpace } = await import('ts-blank-space');
  const javaScript = tsBlankSpace(source, (node) => {
    throw new Error(`${file}: the types of this code cannot be erased: ${node.getText()}`);
  });
  // Imports already end in `.js`, but the URLs of modules, for example of workers, end in `.ts`.
  const compiled = javaScript.replaceAll(/(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g, '$1.js$2');
  writeChange(target, compiled);
  marks[file] = markOf(source, readFileSync(target, 'utf8'));
}

function markOf(source: string, compiled: string): string {
  return digestOf([maker, source, compiled]);
}
