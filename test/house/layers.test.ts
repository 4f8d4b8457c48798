import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { LAYERS } from '../../eslint.config.js';

/** The imports of each file, including imports of types. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of files. The key is the path, the value is the text. */
function importsOf(texts: ReadonlyMap<string, string>): Imports {
  return new Map(
    Array.from(texts, ([file, text]) => {
      const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
      const paths = specifiers
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name)));
      return [file, paths.map((path) => [path, path.replace(/\.js$/, '.ts')].find((name) => texts.has(name)) ?? path)];
    }),
  );
}

/** Finds circular imports. Each circle is the list of its files. */
function circlesOf(imports: Imports): string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start >= 0) circles.push(way.slice(start));
    if (start >= 0 || done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

function layerOf(file: string): string {
  if (file === 'src/index.ts') return 'index';
  if (file.startsWith('operators/')) return file.startsWith('operators/shared/') ? 'operators/shared' : 'operators';
  return file.split('/')[1] ?? '';
}

/** Finds imports that LAYERS does not allow. */
function importsUp(imports: Imports): string[] {
  return Array.from(imports).flatMap(([file, imported]) => {
    const layer = layerOf(file);
    const allowed = [layer, ...(LAYERS[layer] ?? [])];
    return imported.filter((other) => !allowed.includes(layerOf(other))).map((other) => `${file} -> ${other}`);
  });
}

const files = ['src', 'operators'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => join(folder, file)),
);
const project = importsOf(new Map(files.map((file) => [file, readFileSync(file, 'utf8')])));

describe('the imports, including imports of types', () => {
  it('form no circle', () => {
    expect(project.size).toBeGreaterThan(300);
    expect(circlesOf(project)).toEqual([]);
  });

  it('follow the table of layers', () => {
    expect(importsUp(project)).toEqual([]);
    expect([...new Set(files.map(layerOf))].sort()).toEqual(Object.keys(LAYERS).sort());
  });

  it('form a circle if one of them imports only a type', () => {
    const made = importsOf(
      new Map([
        ['src/base/one.ts', "import type { Two } from './two.js';\nexport type One = Two;"],
        ['src/base/two.ts', "import { three } from './three.js';\nexport type Two = typeof three;"],
        ['src/base/three.ts', "import type { One } from './one.js';\nexport const three: One = 3;"],
      ]),
    );
    expect(circlesOf(made)).toEqual([['src/base/one.ts', 'src/base/two.ts', 'src/base/three.ts']]);
  });

  it('lead to a higher layer if one of them imports only a type', () => {
    const made = importsOf(
      new Map([
        ['src/demand/gate.ts', "import type { Report } from '../report/report.js';\nexport type Gate = Report;"],
        ['src/report/report.ts', 'export interface Report {}'],
      ]),
    );
    expect(importsUp(made)).toEqual(['src/demand/gate.ts -> src/report/report.ts']);
  });
});

describe('src/demand', () => {
  it('knows neither reports, nor cursors, nor operators', () => {
    expect(LAYERS['demand']).toEqual(['base', 'passes']);
    expect(LAYERS['passes']).toEqual(['base']);
  });

  it('is a kernel that can be read in one sitting: at most 1,000 lines', () => {
    const kernel = files.filter((file) => layerOf(file) === 'demand');
    const lines = kernel.map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
    expect(kernel.length).toBeGreaterThan(5);
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(1000);
  });
});
