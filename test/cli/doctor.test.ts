import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { Check } from '../../src/cli/doctor/checkMachine.js';
import { checkPackages } from '../../src/cli/doctor/checkPackages.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();

/** Returns the checks of an installation that contains only these packages, by their versions. */
function checksOf(versions: Readonly<Record<string, string>>, node?: string): Map<string, Check> {
  const folder = newFolder();
  const ranges = { optionalDependencies: {}, dependencies: { zod: '^4.6.7' } };
  const peerDependencies = { rxjs: '^7.8.0', sharp: '^0.35.0', hyparquet: '^1.33.0' };
  const own = { version: '1.0.0', ...ranges, peerDependencies, engines: { node: '>=20.19' } };
  for (const [name, manifest] of Object.entries({ millrace: own, ...manifestsOf(versions) })) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
  }
  const checks = checkPackages(pathToFileURL(join(folder, 'node_modules/millrace/lib/main.js')).href, node);
  return new Map(checks.map((check) => [check.name, check]));
}

const manifestsOf = (versions: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, { name, version }]));

describe('millrace doctor', () => {
  it('finds the packages and the parts of the system that these tests use', async () => {
    const { exitCode, stdout } = await runMillrace(['doctor', '--json']);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
    expect({ ok, exitCode }).toEqual({ ok: true, exitCode: 0 });
    const found = checks.filter(({ isOk }) => isOk).map(({ name }) => name);
    const expected = ['Node.js', 'zod', 'rxjs', '@tensorflow/tfjs', '@aws-sdk/client-s3', 'hyparquet', 'mkfifo'];
    expect(found).toEqual(expect.arrayContaining([...expected, 'system']));
  });

  it('ends with 0 and says how to install a part that some feature needs', async () => {
    const { exitCode, stdout } = await runMillrace(['doctor'], { environment: { PATH: newFolder() } });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^- {4}mkfifo +missing\n +for Pipe mode of local jobs: apt-get install coreutils$/m);
    expect(stdout).toMatch(
      /^- {4}nats-server +missing\n +for helpers on other machines, .*: apt-get install nats-server$/m,
    );
  });

  it('prints only what is missing with --quiet', async () => {
    const { exitCode, stdout } = await runMillrace(['doctor', '--quiet'], { environment: { PATH: newFolder() } });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^- {4}mkfifo +missing\n/m);
    expect(stdout).not.toMatch(/^ok|Millrace works/m);
  });

  it('requires Node.js, zod and rxjs, and no other package', () => {
    const all = [...checksOf({}).values()];
    expect(all.filter(({ isRequired }) => isRequired).map(({ name }) => name)).toEqual(['Node.js', 'zod', 'rxjs']);
    expect(all.filter(({ found }) => found === null)).toHaveLength(all.length - 1);
  });

  it.each([
    ['rxjs', '7.8.0', true],
    ['rxjs', '7.9.0', true],
    ['rxjs', '7.5.7', false],
    ['rxjs', '8.0.0', false],
    ['zod', '4.6.7', true],
    ['zod', '4.10.0', true],
    ['zod', '3.25.1', false],
    ['hyparquet', '1.4.0', false],
  ])('of %s %s says %s', (name, version, isOk) => {
    expect(checksOf({ [name]: version }).get(name)?.isOk).toBe(isOk);
  });

  it('names the expected version, and the command that installs it', () => {
    expect(checksOf({ rxjs: '6.6.7' }).get('rxjs')).toMatchObject({
      found: '6.6.7, but Millrace needs ^7.8.0',
      remedy: 'npm install "rxjs@^7.8.0"',
    });
  });

  it('treats a minor version of 0.x as breaking', () => {
    expect(checksOf({ sharp: '0.36.0' }).get('sharp')?.found).toBe('0.36.0, but Millrace needs ^0.35.0');
  });

  it('loads packages with native code', () => {
    expect(checksOf({ sharp: '0.35.5' }).get('sharp')?.found).toMatch(/^0\.35\.5, but it cannot be loaded: \w+/);
  });

  it.each([
    ['20.18.9', false],
    ['20.19.0', true],
    ['26.1.0', true],
  ])('of Node.js %s says %s', (version, isOk) => {
    expect(checksOf({}, version).get('Node.js')?.isOk).toBe(isOk);
  });
});
