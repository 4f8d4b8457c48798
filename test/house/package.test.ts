import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jest } from '@jest/globals';
import ts from 'typescript';

// Packs and installs the build.
jest.setTimeout(300_000);

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

interface Manifest {
  readonly peerDependenciesMeta: Readonly<Record<string, unknown>>;
}

const project = mkdtempSync(join(tmpdir(), 'millrace-package-'));
const installed = join(project, 'node_modules', 'millrace');
let files: string[] = [];
let weight = { size: Infinity, unpackedSize: Infinity };

function codeOf(file: string): string {
  return readFileSync(join(installed, file), 'utf8');
}

/** The lines on which a second statement of a block begins. */
function sharedLines(code: string): string[] {
  const tree = ts.createSourceFile('code.js', code, ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const starts =
      'statements' in node ? (node.statements as ts.NodeArray<ts.Statement>).map((each) => each.getStart(tree)) : [];
    const lines = starts.map((start) => tree.getLineAndCharacterOfPosition(start).line);
    found.push(...lines.filter((line, i) => line === lines[i - 1]).map((line) => code.split('\n')[line] ?? ''));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

interface Tarball {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function run(command: string, args: readonly string[], cwd = project): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const ENTRIES = [
  'millrace',
  'millrace/operators',
  'millrace/formats',
  'millrace/tfjs',
  'millrace/agent',
  'millrace/testing',
  'millrace/s3',
  'millrace/parquet',
  'millrace/onnx',
  'millrace/nats',
];

/** Runs a script in a separate Node process. Returns the JSON that it prints. */
function evaluate(script: string): unknown {
  return JSON.parse(run('node', ['--input-type=module', '--eval', script]));
}

/** Imports an entry point in a separate Node process. */
function importEntry(entry: string): string[] {
  return evaluate(`console.log(JSON.stringify(Object.keys(await import('${entry}'))))`) as string[];
}

const CONSUMER = `
import type { Observable } from 'rxjs';
import { channel, toAsyncIterable } from 'millrace';
import * as agent from 'millrace/agent';
import * as formats from 'millrace/formats';
import * as nats from 'millrace/nats';
import * as onnx from 'millrace/onnx';
import { batch, decodeTFRecord, prefetch } from 'millrace/operators';
import * as parquet from 'millrace/parquet';
import * as s3 from 'millrace/s3';
import * as testing from 'millrace/testing';
import * as tfjs from 'millrace/tfjs';

export const batches: Observable<Uint8Array[]> = channel('train').pipe(decodeTFRecord(), batch(64), prefetch(10));
export const pulled: AsyncIterable<Uint8Array[]> = toAsyncIterable(batches);
export const entries = [agent, formats, nats, onnx, parquet, s3, testing, tfjs];
// @ts-expect-error: a record is bytes, which proves that the types are not any.
export const wrong: Observable<string> = channel('train').pipe(decodeTFRecord());
`;

const PIPELINE_MODULE = `
import { fromIterable } from 'millrace';
import { batch } from 'millrace/operators';

export const pipeline = fromIterable([1, 2, 3]).pipe(batch(2));
export const map = (numbers) => numbers.map((number) => number * 2);
`;

const WORKERS_SCRIPT = `
import { definePipeline, inWorker, toAsyncIterable } from 'millrace';
import { mapInWorkers } from 'millrace/operators';

const module = new URL('./pipeline.js', import.meta.url);
const items = [];
for await (const batch of toAsyncIterable(inWorker(module).pipe(mapInWorkers(module)))) items.push(batch);

const channels = { train: { recordFormat: 'TextLine', files: 'pipeline.js' } };
const declared = definePipeline({ channels, stages: [{ stage: 'batch', size: 100 }], worker: true });
for await (const lines of toAsyncIterable(declared)) items.push(lines.length);
console.log(JSON.stringify(items));
`;

/** Calls a function of each entry point with a wrong argument. Prints whether the errors have the classes of `millrace`. */
const ERRORS_SCRIPT = `
import { MillraceError } from 'millrace';
import { readTrainingJob } from 'millrace/agent';
import { crc32c } from 'millrace/formats';
import { fromOrtTensors } from 'millrace/onnx';
import { batch } from 'millrace/operators';
import { s3Store } from 'millrace/s3';
import { consumeByHand } from 'millrace/testing';
import { toDataset } from 'millrace/tfjs';

const found = [readTrainingJob, crc32c, fromOrtTensors, batch, s3Store, consumeByHand, toDataset].map((call) => {
  try {
    call(Symbol('wrong'));
  } catch (error) {
    return error instanceof MillraceError;
  }
});
console.log(JSON.stringify(found));
`;

/** Prints the exports whose own name is another one. */
const NAMES_SCRIPT = `
const exports = (await Promise.all(${JSON.stringify(ENTRIES)}.map((entry) => import(entry)))).flatMap(Object.entries);
const others = exports.filter(([name, value]) => typeof value === 'function' && value.name !== name);
console.log(JSON.stringify(others.map(([name, value]) => [name, value.name])));
`;

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  },
  files: ['consumer.ts'],
};

/** Runs `work` while a folder of `node_modules` is moved away. */
function without(name: string, work: () => void): void {
  const folder = join(project, 'node_modules', name);
  renameSync(folder, `${folder}-away`);
  try {
    work();
  } finally {
    renameSync(`${folder}-away`, folder);
  }
}

beforeAll(() => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [tarball] = JSON.parse(run('npm', pack, process.cwd())) as Tarball[];
  if (!tarball) throw new Error('npm pack made no tarball');
  files = tarball.files.map(({ path }) => path);
  weight = tarball;
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball.filename}`]);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds JavaScript, declarations and the papers', () => {
    const papers = ['LICENSE', 'README.md', 'docs/pipeline.schema.json', 'package.json'];
    const code = /^dist\/((lib|inside)\/\w+\.js|types\/\w+\.d\.ts)$/;
    expect(files.filter((file) => !code.test(file)).sort()).toEqual(papers);
    expect(files.filter((file) => /\.test\.|(^|\/)(test|bench|fixtures|examples)\//.test(file))).toEqual([]);
  });

  it('names the folders of the sources in comments', () => {
    const folders = files
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) => Array.from(codeOf(file).matchAll(/^\/\/ (.*)$/gm), ([, names = '']) => names.split(', ')))
      .flat();
    expect(new Set(folders).size).toBeGreaterThan(50);
    expect(folders.filter((folder) => !existsSync(folder))).toEqual([]);
  });

  it('begins a line for each statement, where debuggers can stop', () => {
    const code = files.filter((file) => file.endsWith('.js'));
    expect(
      Object.fromEntries(code.map((file) => [file, sharedLines(codeOf(file))]).filter(([, lines]) => lines?.length)),
    ).toEqual({});
  });

  it('weighs at most 400 kB packed and 1.8 MB unpacked', () => {
    expect(weight.size).toBeLessThanOrEqual(400_000);
    expect(weight.unpackedSize).toBeLessThanOrEqual(1_800_000);
  });
});

describe('the installed package', () => {
  it('brings at most 12 packages, none with an install script', () => {
    const lockfile = readFileSync(join(project, 'node_modules', '.package-lock.json'), 'utf8');
    const packages = Object.entries((JSON.parse(lockfile) as Lockfile).packages);
    expect(packages.map(([path]) => path)).toContain('node_modules/rxjs');
    expect(packages.length).toBeLessThanOrEqual(12);
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it('brings no optional peer, so that no import needs one', () => {
    const { peerDependenciesMeta } = JSON.parse(codeOf('package.json')) as Manifest;
    const peers = Object.keys(peerDependenciesMeta);
    expect(peers).toContain('sharp');
    expect(peers.filter((peer) => existsSync(join(project, 'node_modules', peer)))).toEqual([]);
  });

  it.each(ENTRIES)('imports as %s', (entry) => {
    expect(importEntry(entry)).not.toEqual([]);
  });

  it('throws errors of the same classes in all entry points', () => {
    expect(evaluate(ERRORS_SCRIPT)).toEqual(Array(7).fill(true));
  });

  it('keeps the names of exported functions and classes', () => {
    expect(evaluate(NAMES_SCRIPT)).toEqual([]);
  });

  it('has types that compile under strict, with its own declarations checked', () => {
    writeFileSync(join(project, 'consumer.ts'), CONSUMER);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    expect(run(resolve('node_modules/.bin/tsgo'), ['-p', '.', '--pretty', 'false'])).toBe('');
  });

  it('runs the command millrace', () => {
    expect(run('npx', ['--no-install', 'millrace', '--help'])).toContain('Usage: millrace');
  });

  it('runs pipelines, functions and declared pipelines in workers', () => {
    writeFileSync(join(project, 'pipeline.js'), PIPELINE_MODULE);
    writeFileSync(join(project, 'train.mjs'), WORKERS_SCRIPT);
    expect(run('node', ['train.mjs'])).toBe(`[[2,4],[6],${PIPELINE_MODULE.split('\n').length - 1}]\n`);
  });

  it('says what a TypeScript module needs where nothing can load it', () => {
    writeFileSync(join(project, 'typed.ts'), 'export const pipeline: unknown = 1;');
    const script = `
      import { inWorker } from 'millrace';
      inWorker(new URL('./typed.ts', 'file://${project}/')).subscribe({ error: ({ message }) => console.log(message) })`;
    // Node 22.18 and later load TypeScript.
    const { typescript } = process.features as { readonly typescript?: unknown };
    const flags = typescript ? ['--no-experimental-strip-types'] : [];
    const said = run('node', [...flags, '--input-type=module', '--eval', script]);
    expect(said).toContain('npm install --save-dev tsx');
  });

  it('reads and writes the formats where RxJS is missing', () => {
    without('rxjs', () => expect(importEntry('millrace/formats')).toContain('TFRecordReader'));
  });

  it('computes the same checksums where the native library is missing', () => {
    const script = `
      import { encodeTFRecord } from 'millrace/formats';
      console.log(Buffer.from(encodeTFRecord(new Uint8Array(10_000).fill(7))).toString('hex'))`;
    const encode = (): string => run('node', ['--input-type=module', '--eval', script]);
    const encoded = encode();
    without('@node-rs', () => expect(encode()).toBe(encoded));
  });
});
