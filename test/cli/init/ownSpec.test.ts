import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownSpec } from '../../../src/cli/init/ownSpec.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Returns the spec in a project whose hidden lock file says that the package was installed from `resolved`. */
function specOf(resolved: string | undefined, project = newFolder()) {
  const folder = join(project, 'node_modules/millrace');
  mkdirSync(folder, { recursive: true });
  const packages = { 'node_modules/millrace': { version: '1.2.3', resolved } };
  writeFileSync(join(project, 'node_modules/.package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  return ownSpec(folder, '1.2.3');
}

describe('ownSpec', () => {
  it('is the path of a clone', () => {
    expect(ownSpec('/clones/millrace', '1.2.3')).toEqual({ spec: 'file:/clones/millrace', isKnown: true });
  });

  it('is the path of the tarball that was installed', () => {
    const project = newFolder();
    const tarball = join(project, 'my 100% packages.tgz');
    writeFileSync(tarball, '');
    expect(specOf('file:my 100% packages.tgz', project)).toEqual({ spec: `file:${tarball}`, isKnown: true });
  });

  it.each([
    'git+ssh://git@github.com/owner/millrace.git#0123abc',
    'https://example.com/builds/millrace-1.2.3.tgz',
    'https://gitlab.com/owner/millrace/-/archive/v1.2.3/millrace-v1.2.3.tar.gz',
  ])('is the URL %s', (resolved) => expect(specOf(resolved)).toEqual({ spec: resolved, isKnown: true }));

  it('is a version range after an installation from a registry', () => {
    const resolved = 'https://registry.example/npm/millrace/-/millrace-1.2.3.tgz';
    expect(specOf(resolved)).toEqual({ spec: '^1.2.3', isKnown: true });
  });

  it('is an uncertain version range if the origin is unknown or gone', () => {
    const unknown = { spec: '^1.2.3', isKnown: false };
    expect(specOf(undefined)).toEqual(unknown);
    expect(specOf('file:gone.tgz')).toEqual(unknown);
    expect(ownSpec('/usr/lib/node_modules/millrace', '1.2.3')).toEqual(unknown);
  });
});
