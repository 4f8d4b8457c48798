import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tsBlankSpace from 'ts-blank-space';

/**
 * Writes the JavaScript of the package: each source with its types overwritten by spaces.
 *
 * Lines and columns stay those of the source, so debuggers and stack traces need no source maps, and the package ships
 * each line of code once. The compiler writes the declarations only.
 */
for (const folder of ['src', 'operators']) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) erase(join(folder, file));
    else if (file.endsWith('.js')) write(join('dist', folder, file), readFileSync(join(folder, file), 'utf8'));
  }
}

function erase(file: string): void {
  const javaScript = tsBlankSpace(readFileSync(file, 'utf8'), (node) => {
    throw new Error(`${file}: types cannot be erased from this: ${node.getText()}`);
  });
  // Whitespace at the end of a line moves nothing.
  write(join('dist', file.replace(/\.ts$/, '.js')), javaScript.replaceAll(/[ \t]+$/gm, ''));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
