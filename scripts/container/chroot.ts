import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { env } from 'node:process';

export interface ChrootCommand {
  readonly root: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly mounts?: Readonly<Record<string, string>>;
}

const ALWAYS = ['/proc', '/dev', '/etc/resolv.conf', '/etc/hosts'];

/** The mounts disappear when the command ends. */
const ENTER = `
set -e
root=$1 cwd=$2
shift 2
while [ "$1" != -- ]; do mount --rbind "$2" "$root$1"; shift 2; done
shift
exec chroot "$root" /usr/bin/env -i "$@"`;

/**
 * Returns the arguments of `unshare` for a command that runs as root, like `docker run`. Signals reach the command,
 * because each intermediate process uses `exec`.
 */
export function chrootArgs({ root, cwd, env: variables, args, mounts = {} }: ChrootCommand): readonly string[] {
  const all = { ...Object.fromEntries(ALWAYS.map((path) => [path, path])), ...mounts };
  for (const [target, source] of Object.entries(all)) makeMountPoint(join(root, target), target, source);
  const inside = ['sh', '-c', 'cd "$0" && exec "$@"', cwd, ...args];
  return [
    ...['--mount', '--propagation', 'private', 'sh', '-c', ENTER, 'enter', root, cwd],
    ...Object.entries(all).flat(),
    ...['--', ...Object.entries(variables).map(([key, value]) => `${key}=${value}`), ...inside],
  ];
}

export function certificates(): { readonly env: Record<string, string>; readonly mounts: Record<string, string> } {
  const path = env['NODE_EXTRA_CA_CERTS'];
  if (path === undefined || !existsSync(path)) return { env: {}, mounts: {} };
  return { env: { NODE_EXTRA_CA_CERTS: path }, mounts: { [path]: path } };
}

const FOLDERS = ['/proc', '/dev', '/opt/ml'];

function makeMountPoint(path: string, target: string, source: string): void {
  if (existsSync(path)) return;
  if (!existsSync(source)) throw new Error(`${source} does not exist, so it cannot be mounted at ${target}.`);
  mkdirSync(FOLDERS.includes(target) ? path : dirname(path), { recursive: true });
  if (!FOLDERS.includes(target)) writeFileSync(path, '');
}
