import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';

const DEBIAN = 'bookworm';

export const BASE_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
} as const;

/**
 * Makes a substitute for `node:22-slim`: Debian's packages of the same version, and this machine's Node.js and npm in
 * `/usr/local`. Debian is installed once and cached.
 *
 * @throws Error for any other image.
 */
export function copyBaseImage(image: string, { cache, root }: { readonly cache: string; readonly root: string }): void {
  if (!/^node:\d+-slim$/.test(image))
    throw new Error(`FROM ${image}: expected node:<version>-slim. Other images are not supported here.`);
  const base = join(cache, `debian-${DEBIAN}`);
  if (!existsSync(base)) {
    const unfinished = `${base}.${process.pid}`;
    mkdirSync(cache, { recursive: true });
    try {
      execFileSync('debootstrap', ['--variant=minbase', DEBIAN, unfinished], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      rmSync(join(unfinished, 'var/cache/apt'), { recursive: true, force: true });
      rmSync(join(unfinished, 'var/lib/apt/lists'), { recursive: true, force: true });
      renameSync(unfinished, base);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  execFileSync('cp', ['-a', base, root]);
  copyNode(join(root, 'usr/local'));
}

function copyNode(prefix: string): void {
  const modules = join(dirname(dirname(execPath)), 'lib/node_modules');
  cpSync(execPath, join(prefix, 'bin/node'));
  cpSync(join(modules, 'npm'), join(prefix, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const command of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${command}-cli.js`, join(prefix, 'bin', command));
  }
}
