import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { MILLRACE } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { startMillrace } from './millrace.js';

const newFolder = temporaryFolders();

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/**
 * Runs `millrace`, and returns the places of the loaded modules. V8's coverage lists ES modules and CommonJS modules.
 */
async function loadedBy(...args: string[]): Promise<string[]> {
  const coverage = newFolder();
  const { exitCode, stderr } = await startMillrace(args, { NODE_V8_COVERAGE: coverage }).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) });
  const reports = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), 'utf8'));
  const own = reports.map((text) => JSON.parse(text) as Coverage).filter(({ result }) => result.some(isMain));
  expect(own).toHaveLength(1);
  return placesOf(own.flatMap(({ result }) => result.map(({ url }) => url)));
}

const isMain = ({ url }: { readonly url: string }): boolean => url === pathToFileURL(MILLRACE).href;

/** Returns the folders of this package's sources and the names of other packages, sorted. */
function placesOf(urls: readonly string[]): string[] {
  const files = urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  return [...new Set(files.flatMap(placesIn))].sort();
}

/** The bundle names the folders of sources in comments. */
function placesIn(path: string): string[] {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  if (name !== undefined) return [name];
  const comments = readFileSync(path, 'utf8').matchAll(/^\/\/ (.*)$/gm);
  return Array.from(comments, ([, folders = '']) => folders.split(', '))
    .flat()
    .map((folder) => folder.replace('src/', ''));
}

/** A module for workers. Its `map` returns the URLs of the scripts in the thread. */
const LISTING = `
import { Session } from 'node:inspector';
export function map() {
  const urls = [];
  const session = new Session();
  session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
  session.connect();
  session.post('Debugger.enable');
  session.disconnect();
  return urls;
}`;

describe('the modules that are loaded', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
    writeFileSync(join(folder, 'data.tfrecord'), encodeTFRecord(Uint8Array.of(1, 2, 3)));
  });

  const written = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it.each(['--help', 'inspect --help', 'local --help', 'run --help', '--version'])(
    'by millrace %s are those of the command line alone',
    async (words) => {
      expect(await loadedBy(...words.split(' '))).toEqual([
        'base',
        'cli',
        'cli/init',
        'cli/inspect',
        'commander',
        'hosts',
      ]);
    },
  );

  it('by millrace local are those of the agent, without RxJS and operators', async () => {
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 'data.tfrecord' };
    const job = written('job.json', { InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] });
    const loaded = await loadedBy('local', job, '--', '/bin/true');
    const isOwn = (place: string) => /^(agent|base|cli|sagemaker)(\/|$)/.test(place);
    // Of the formats, only the layout of RecordIO, because the agent wraps items in RecordIO. Of the hosts, only the
    // variables of schedulers. Of the stores, only the check.
    expect(loaded.filter((place) => !isOwn(place))).toEqual([
      'commander',
      'formats/recordio',
      'hosts',
      'stores',
      'zod',
    ]);
  });

  it('by millrace inspect are neither those of the agent, nor the stages of declared pipelines', async () => {
    const loaded = await loadedBy('inspect', join(folder, 'data.tfrecord'));
    expect(loaded).toEqual(expect.arrayContaining(['cli/inspect', 'formats/tfrecord', 'rxjs']));
    // The stages would load the threads of mapInWorkers.
    expect(loaded.filter((place) => /^(agent|workers)/.test(place))).toEqual([]);
  });

  it('by millrace run are not those of the agent', async () => {
    const channels = { train: { recordFormat: 'TFRecord', files: join(folder, 'data.tfrecord') } };
    const loaded = await loadedBy('run', written('pipeline.json', { channels, stages: [] }));
    expect(loaded).toEqual(expect.arrayContaining(['pipeline/declared', 'rxjs', 'zod']));
    expect(loaded.filter((place) => place.startsWith('agent'))).toEqual([]);
  });

  it('by a thread of mapInWorkers are few: neither RxJS nor zod', () => {
    writeFileSync(join(folder, 'listing.mjs'), LISTING);
    const module = pathToFileURL(join(folder, 'listing.mjs')).href;
    const script = `(async () => {
      const { lastValueFrom, of } = await import('rxjs');
      const { mapInWorkers } = await import('millrace/operators');
      const urls$ = of(1).pipe(mapInWorkers(new URL('${module}'), { workers: 1 }));
      console.log(JSON.stringify(await lastValueFrom(urls$)));
    })()`;
    const output = execFileSync(execPath, ['--eval', script], { encoding: 'utf8' });
    const urls = (JSON.parse(output) as string[]).filter((url) => !url.endsWith('/listing.mjs'));
    expect(placesOf(urls)).toEqual(['arrays', 'base', 'workers/crossing', 'workers/inside']);
  });
});
