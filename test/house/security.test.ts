import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ConfigError } from '../../src/base/errors.js';
import { definePipeline } from '../../src/pipeline/declared/definePipeline.js';
import { thrownBy } from '../formats/support/thrownBy.js';

const page = readFileSync('docs/security.md', 'utf8');

/** The TypeScript of the package. */
const sources = ['src', 'operators'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, 'utf8') })),
);

describe('docs/security.md', () => {
  it('names tests that are there', () => {
    const tests = [...page.matchAll(/`(test\/[\w/.]+\.ts)`/g)].map(([, path]) => path!);
    expect(tests.length).toBeGreaterThan(15);
    expect(tests.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('configuration', () => {
  it('names nothing but stages that there are', () => {
    for (const stage of ['constructor', '__proto__', 'toString', 'node:fs', './evil.js', 'data:text/javascript,1']) {
      const declare = () => definePipeline({ channels: { train: {} }, stages: [{ stage }] });
      expect(thrownBy(ConfigError, declare).path).toBe('stages[0].stage');
    }
  });

  it('has no way to code: nothing evaluates text or sets V8 flags, and only fixed packages are imported', () => {
    // V8's flags belong to the process: if one thread clears a flag, other threads lose it.
    // These functions and classes neither evaluate text nor set flags.
    const harmless =
      /import \{ (?:deserialize, serialize|DefaultDeserializer, DefaultSerializer|getHeapSpaceStatistics, getHeapStatistics) \} from 'node:v8';/;
    const evaluates = /\beval\(|new Function\(|['"](?:node:)?(?:vm|v8)['"]/;
    expect(sources.filter(({ text }) => evaluates.test(text.replace(harmless, ''))).map(({ file }) => file)).toEqual(
      [],
    );
    const dynamic = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\b(?:import|require)\((?!['"])|createRequire\([^)]*\)\((?!['"])/g)].map(() => file),
    );
    // The user's code passes the URL of the module that a worker runs. `doctor` loads the packages of a fixed list.
    expect(dynamic).toEqual(['src/cli/doctor/checkPackages.ts', 'src/workers/inside/runWorker.ts']);
  });

  it('starts no shell', () => {
    const shell = /shell: true|\bexec\(\s*[`'"]|execSync\(/;
    expect(sources.filter(({ text }) => shell.test(text)).map(({ file }) => file)).toEqual([]);
  });
});
