import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ChannelOptions } from '../../../src/sources/channel.js';

/** What a reader writes down. */
export type ReaderEvent = 'ready' | 'step' | 'began' | 'ended' | 'warned' | 'failed' | 'done';

/** What a reader is to do. */
export interface ReaderOptions {
  readonly baseDir: string;
  /** The file to which it appends what it does. */
  readonly log: string;
  /** How many epochs it reads. */
  readonly epochs: number;
  /** What happens to it before a step, such as `openSync train_0`. */
  readonly fault?: { readonly before: string; readonly what: 'killed' | 'stopped' | 'unlinked' } | undefined;
  /** Whether it waits until its standard input is written to. */
  readonly waits?: boolean | undefined;
  readonly options?: ChannelOptions | undefined;
}

/** A line of what readers wrote down. */
export interface ReaderLine {
  readonly pid: number;
  readonly event: ReaderEvent;
  readonly what: string;
}

/** The reading process in one file, so that it starts fast and whoever may read that file can run it. */
export async function bundleReader(folder: string): Promise<string> {
  const outfile = join(folder, 'epochReader.mjs');
  const program = fileURLToPath(new URL('epochReader.program.ts', import.meta.url));
  await build({ entryPoints: [program], outfile, bundle: true, platform: 'node', format: 'esm' });
  chmodSync(outfile, 0o644);
  return outfile;
}

/** Starts a reader; as another user where that is said. It says on its standard output when it is about to read. */
export function startReader(
  program: string,
  options: ReaderOptions,
  uid?: number,
): ChildProcessByStdio<Writable, Readable, null> {
  const user = uid === undefined ? {} : { uid, gid: uid };
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  return spawn(process.execPath, [program, JSON.stringify(options)], { stdio, cwd: '/', ...user });
}

/** Runs a reader to its end, and gives how it ended: an exit code, or a signal. */
export async function runReader(program: string, options: ReaderOptions, uid?: number): Promise<number | string> {
  const [code, signal] = (await once(startReader(program, options, uid), 'exit')) as [number, null] | [null, string];
  return code ?? signal;
}

/** What readers wrote down, in order. */
export function readLog(log: string): ReaderLine[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, pid, event, what] = /^(\d+) (\w+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), event: event as ReaderEvent, what: what ?? '' };
  });
}
