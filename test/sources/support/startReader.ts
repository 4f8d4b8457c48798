import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ChannelOptions } from '../../../src/sources/channel.js';

/** What a reader logs. */
export type ReaderEvent = 'ready' | 'step' | 'began' | 'ended' | 'warned' | 'failed' | 'done';

export interface ReaderOptions {
  readonly baseDir: string;
  /** The file of the log. */
  readonly log: string;
  /** The number of epochs to read. */
  readonly epochs: number;
  /** The fault before a step, such as `openSync train_0`. */
  readonly fault?: { readonly before: string; readonly what: 'killed' | 'stopped' | 'unlinked' } | undefined;
  /** If true, waits for standard input. */
  readonly waits?: boolean | undefined;
  readonly options?: ChannelOptions | undefined;
}

/** A line of the log. */
export interface ReaderLine {
  readonly pid: number;
  readonly event: ReaderEvent;
  readonly what: string;
}

/** Bundles the reader into one file, so that it starts fast and another user can run it. */
export async function bundleReader(folder: string): Promise<string> {
  const outfile = join(folder, 'epochReader.mjs');
  const program = fileURLToPath(new URL('epochReader.program.ts', import.meta.url));
  await build({ entryPoints: [program], outfile, bundle: true, platform: 'node', format: 'esm' });
  chmodSync(outfile, 0o644);
  return outfile;
}

/** Starts a reader, optionally as another user. The reader prints a line before it reads. */
export function startReader(
  program: string,
  options: ReaderOptions,
  uid?: number,
): ChildProcessByStdio<Writable, Readable, null> {
  const user = uid === undefined ? {} : { uid, gid: uid };
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  return spawn(process.execPath, [program, JSON.stringify(options)], { stdio, cwd: '/', ...user });
}

/** Runs a reader to its end. Returns the exit code or the signal. */
export async function runReader(program: string, options: ReaderOptions, uid?: number): Promise<number | string> {
  const [code, signal] = (await once(startReader(program, options, uid), 'exit')) as [number, null] | [null, string];
  return code ?? signal;
}

/** Returns the lines of a log, in order. */
export function readLog(log: string): ReaderLine[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, pid, event, what] = /^(\d+) (\w+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), event: event as ReaderEvent, what: what ?? '' };
  });
}
