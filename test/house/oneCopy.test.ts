import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tsBlankSpace from 'ts-blank-space';
import ts from 'typescript';

/** The two builds of the package: the bundle, which `millrace` means, and the modules that `src` and `operators` mean. */
type Copy = 'millrace' | 'src';

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => join(folder, file));
}

/** The copies that a program loads. Tests themselves are no programs: Jest loads the sources for both names. */
function copiesIn(file: string, done = new Set<string>()): Set<Copy> {
  done.add(file);
  const copies = new Set<Copy>();
  for (const { fileName } of ts.preProcessFile(tsBlankSpace(readFileSync(file, 'utf8'))).importedFiles) {
    if (/^millrace(\/|$)/.test(fileName)) copies.add('millrace');
    if (!fileName.startsWith('.')) continue;
    const path = join(dirname(file), fileName);
    const source = existsSync(path) ? path : path.replace(/\.js$/, '.ts');
    if (/^(src|operators)\//.test(source)) copies.add('src');
    else if (existsSync(source) && !done.has(source)) for (const copy of copiesIn(source, done)) copies.add(copy);
  }
  return copies;
}

/** The programs in `test` that tests start. */
const started = filesIn('test').flatMap((test) => {
  const calls = readFileSync(test, 'utf8').matchAll(/compiled(?:Url)?\('(test\/[^']+)'\)/g);
  return Array.from(calls, ([, program = '']) => program);
});

const programs = [...new Set([...started, ...['bench', 'scripts', 'examples'].flatMap(filesIn)])];

describe('a program of this project', () => {
  it('loads one copy of the package', () => {
    const copies = programs.map((program) => [program, copiesIn(program)] as const);
    expect(copies.filter(([, { size }]) => size === 1).length).toBeGreaterThan(20);
    expect(copies.filter(([, { size }]) => size > 1).map(([program]) => program)).toEqual([]);
  });
});
