import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Texts that belong to one machine. Each is concatenated, so that this file does not contain it. */
const NEEDLES = [
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['registry.npm', 'js.org'],
].map((parts) => parts.join(''));

/** All files that are committed or would be. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && !file.startsWith('test/fixtures/'));

describe('the project', () => {
  it.each(NEEDLES)('names no %s', (needle) => {
    expect(files).toContain('package-lock.json');
    expect(files.filter((file) => readFileSync(file, 'latin1').includes(needle))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('holds the optional packages of every platform, without which `npm ci` refuses it', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const held = new Set(Object.keys(packages).map((path) => path.replace(/.*node_modules\//, '')));
    const asked = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(asked).not.toEqual([]);
    expect(asked.filter((name) => !held.has(name))).toEqual([]);
  });
});
