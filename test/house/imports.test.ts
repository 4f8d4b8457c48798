import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ENTRY_POINTS } from '../../scripts/entryPoints.js';

interface Imported {
  /** The functions of zod that were called. */
  readonly called: readonly string[];
  /** The modules of Node.js that a program with a pipeline loads. */
  readonly builtIns: readonly string[];
  /** The scripts of other packages that a program with a pipeline loads. */
  readonly packages: readonly string[];
}

const urlOf = (code: string): string => pathToFileURL(code).href;

/** Imports RxJS and zod, then the entry points of a program with a pipeline, and then all entry points. */
const SCRIPT = `
import { Session } from 'node:inspector/promises';
import 'rxjs';
import 'zod';
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
await session.post('Profiler.takePreciseCoverage');
const before = new Set(process.moduleLoadList);
const scripts = [];
async function imported(urls) {
  for (const url of urls) await import(url);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  scripts.push(...result.filter(({ url }) => url.includes('/node_modules/')));
}
await imported(${JSON.stringify(['dist/lib/index.js', 'dist/lib/operators.js'].map(urlOf))});
const builtIns = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.split(' ')[1]);
const packages = scripts.map(({ url }) => url).filter((url) => !/.node_modules.(rxjs|tslib|zod)./.test(url));
await imported(${JSON.stringify(ENTRY_POINTS.map(({ code }) => urlOf(code)))});
const functions = scripts.filter(({ url }) => url.includes('/zod/')).flatMap(({ functions }) => functions);
const called = functions.filter(({ ranges: [{ count }] }) => count > 0).map(({ functionName }) => functionName);
console.log(JSON.stringify({ called, builtIns, packages }));
`;

describe('the import of the entry points', () => {
  let found: Imported;
  beforeAll(() => {
    const output = execFileSync(execPath, ['--input-type=module', '--eval', SCRIPT], { encoding: 'utf8' });
    found = JSON.parse(output) as Imported;
  });

  it('builds no schema: each is built by lazy()', () => {
    expect(found.called).toEqual([]);
  });

  it('does not load the modules of Node.js that take long and that few pipelines need', () => {
    const slow = ['crypto', 'http', 'https', 'tls'];
    expect(slow.filter((name) => found.builtIns.includes(name))).toEqual([]);
  });

  it('loads only RxJS and zod', () => {
    expect(found.packages).toEqual([]);
  });
});

describe('the published code', () => {
  it('is ASCII, which V8 keeps in half the memory', () => {
    const files = ['lib', 'inside'].flatMap((folder) =>
      readdirSync(join('dist', folder)).map((name) => join('dist', folder, name)),
    );
    // eslint-disable-next-line no-control-regex -- These are the characters of ASCII.
    expect(files.filter((file) => /[^\0-\x7f]/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});
