import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BASE_ENV, copyBaseImage } from './baseImage.js';
import { certificates, chrootArgs } from './chroot.js';
import { contextFilter } from './contextFilter.js';
import { parseDockerfile, type Instruction } from './dockerfile.js';

export interface Image {
  readonly root: string;
  workdir: string;
  env: Record<string, string>;
  entrypoint: readonly string[];
  cmd: readonly string[];
}

export interface BuildOptions {
  readonly context: string;
  readonly dockerfile: string;
  readonly folder: string;
  readonly cache: string;
  readonly log: (line: string) => void;
}

/** Builds the image of a Dockerfile's last stage, without Docker's engine. Requires root and `debootstrap`. */
export function buildImage(options: BuildOptions): Image {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const instruction of parseDockerfile(readFileSync(options.dockerfile, 'utf8'))) {
    options.log(JSON.stringify(instruction));
    if (instruction.name === 'FROM') {
      image = startStage(instruction.image, join(options.folder, `stage-${stages.size}`), options.cache);
      stages.set(instruction.stage ?? String(stages.size), image);
    } else if (!image) {
      throw new Error(`${options.dockerfile}: expected FROM first, found ${instruction.name}.`);
    } else {
      perform(instruction, image, { ...options, stages });
    }
  }
  if (!image) throw new Error(`${options.dockerfile}: FROM is missing.`);
  return image;
}

function startStage(from: string, root: string, cache: string): Image {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(dirname(root), { recursive: true });
  copyBaseImage(from, { cache, root });
  return { root, workdir: '/', env: { ...BASE_ENV }, entrypoint: [], cmd: ['node'] };
}

function perform(
  instruction: Exclude<Instruction, { name: 'FROM' }>,
  image: Image,
  { context, dockerfile, stages }: BuildOptions & { readonly stages: ReadonlyMap<string, Image> },
): void {
  switch (instruction.name) {
    case 'WORKDIR':
      image.workdir = resolve(image.workdir, instruction.path);
      mkdirSync(join(image.root, image.workdir), { recursive: true });
      break;
    case 'COPY': {
      const { stage, sources, target } = instruction;
      const from = stage === undefined ? context : stages.get(stage)?.root;
      if (from === undefined) throw new Error(`${dockerfile}: COPY --from=${stage}: this stage does not exist.`);
      copy(
        sources.flatMap((source) => matches(from, source)),
        {
          target: join(image.root, resolve(image.workdir, target)),
          isFolder: target.endsWith('/'),
          filter: stage === undefined ? contextFilter(context, dockerfile) : () => true,
        },
      );
      break;
    }
    case 'RUN': {
      const { env, mounts } = certificates();
      const args = ['sh', '-c', instruction.command];
      const command = { root: image.root, cwd: image.workdir, env: { ...env, ...image.env }, args, mounts };
      execFileSync('unshare', chrootArgs(command), { stdio: ['ignore', 'inherit', 'inherit'] });
      break;
    }
    case 'ENV':
      for (const [key, value] of Object.entries(instruction.variables)) {
        image.env[key] = value.replace(/\$\{(\w+)\}/g, (_, name: string) => image.env[name] ?? '');
      }
      break;
    case 'ENTRYPOINT':
      image.entrypoint = instruction.args;
      break;
    case 'CMD':
      image.cmd = instruction.args;
  }
}

/** The last part of the path may contain `*`. */
function matches(from: string, source: string): readonly string[] {
  const [folder, name] = [dirname(source), basename(source)];
  if (!name.includes('*')) return [join(from, source)];
  const pattern = new RegExp(`^${name.split('*').map(escape).join('.*')}$`);
  const found = readdirSync(join(from, folder)).filter((file) => pattern.test(file));
  if (found.length === 0) throw new Error(`COPY ${source}: no file in ${from} matches.`);
  return found.map((file) => join(from, folder, file));
}

const escape = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/**
 * Copies like Docker: the content of a folder into the target, and a file into a target folder or under the target's
 * name.
 */
function copy(
  sources: readonly string[],
  { target, isFolder, filter }: { readonly target: string; isFolder: boolean; filter: (path: string) => boolean },
): void {
  for (const source of sources) {
    const intoFolder = !statSync(source).isDirectory() && (isFolder || sources.length > 1);
    const destination = intoFolder ? join(target, basename(source)) : target;
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(source, destination, { recursive: true, filter, verbatimSymlinks: true });
  }
}
