import { constants } from 'node:os';
import { resolve } from 'node:path';
import { take, tap } from 'rxjs';
import { monitor } from '../../operators/monitor.js';
import { reportWithAdvice } from '../../operators/report.js';
import { catchStopSignals } from '../base/catchStopSignals.js';
import { ConfigError, MillraceError } from '../base/errors.js';
import { localPath } from '../base/localPath.js';
import { parseOptions } from '../base/parseOptions.js';
import { hostOf, type Host } from '../hosts/hostOf.js';
import type { FileFilterOptions } from '../pipeline/records/fileFilter.js';
import { prefixMessage } from '../pipeline/declared/placeErrors.js';
import { readJson } from '../base/readJson.js';
import type { Manifest } from '../sinks/manifest.js';
import { toAsyncIterable } from '../consumers/toAsyncIterable.js';
import { definePipeline } from '../pipeline/declared/definePipeline.js';
import type { ChannelSpec, PipelineSpec } from '../pipeline/declared/pipelineSpec.js';
import { commandStore } from './commandStores.js';
import { declaredAdvice } from './declaredAdvice.js';
import { describeItem } from './describeItem.js';
import { openItemWriter, STANDARD_OUTPUT } from './itemWriter.js';
import { LinePrinter } from './linePrinter.js';
import { recordFilesOf, writeItems, type RecordOutputFlags } from './recordOutput.js';
import { RunReports, type ReportFlags } from './runReports.js';
import { refuseInput, type ReadPattern } from './refuseInput.js';
import { liveOf, type ReportFileFlags } from './reportFileOptions.js';

export interface RunFlags extends RecordOutputFlags, ReportFlags, ReportFileFlags {
  readonly head?: number;
  readonly to?: string;
  /** The number of hosts, if the scheduler does not set it. */
  readonly hosts?: number;
  /** The prefixes of the URLs that may be read. */
  readonly store?: readonly string[];
}

const PROGRESS_MS = 500;

/**
 * Runs a declared pipeline. Error messages contain the path of the declaration, but messages about the output do not.
 */
export async function runPipeline(path: string, flags: RunFlags): Promise<void> {
  parseOptions('<pipeline.json>', localPath(), path);
  if (flags.json && flags.to === STANDARD_OUTPUT) {
    throw new ConfigError('"--to -" and "--json" both write to standard output. Write the items to a file', {
      path: 'to',
    });
  }
  await run(path, flags).catch((error: unknown) => {
    if (!isAboutOutput(error)) prefixMessage(error, path);
    throw error;
  });
}

/** Without `globalBatches`, each host reads all records of a channel with `files`. The declaration may be invalid. */
function ownerOf(spec: Partial<PipelineSpec> | null, hosts: number | undefined): Host | undefined {
  const channels = Object.values<Partial<ChannelSpec> | null>(spec?.channels ?? {});
  if (channels.some((channel) => channel?.['globalBatches'] !== undefined)) return hostOf({ count: hosts });
  if (hosts === undefined) return undefined;
  const message = '--hosts: no channel has "globalBatches", so each host would read all records. Add "globalBatches"';
  throw new ConfigError(message, { path: 'hosts' });
}

async function run(path: string, { head = Infinity, to, store = [], ...flags }: RunFlags): Promise<void> {
  const { page, trace, live } = flags;
  const stop = new AbortController();
  const spec = readPipeline(path);
  const stores = await Promise.all(store.map(commandStore));
  const item$ = definePipeline(spec, { signal: stop.signal, store: stores, owner: ownerOf(spec, flags.hosts) });
  const recordFiles = recordFilesOf(to, flags);
  const inputs = [{ pattern: path }, ...inputsOf(spec)];
  await refuseReplacing({ '--page': page, '--trace': trace }, { to, isRecords: recordFiles !== undefined }, inputs);
  let count = 0;
  const reports = new RunReports(flags, () => watched.read());
  const options = { consumer: to ?? 'the output', page, trace, live: liveOf(live, flags.json) };
  const watched = reportWithAdvice(options, declaredAdvice(spec.worker, stores.length > 0));
  const watched$ = item$.pipe(monitor({ everyMs: PROGRESS_MS, onReport: reports.onReport }), watched);
  const writer = to === undefined || recordFiles !== undefined ? undefined : await openItemWriter(to);
  const printer = new LinePrinter(() => stop.abort());
  const isShown = head !== Infinity && to !== STANDARD_OUTPUT && !flags.json;
  let alreadyComplete: Manifest | undefined;
  let bytesWritten: number | undefined;
  let how: 'completed' | 'failed' = 'failed';
  const signals = catchStopSignals();
  signals.stopOnce((signal) => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  });
  const show = (item: unknown): void => {
    if (isShown) {
      reports.clear();
      printer.print(describeItem(item, count));
    }
    count++;
  };
  try {
    if (recordFiles !== undefined) {
      let hasBegun = false;
      const shown$ = watched$.pipe(take(head), tap({ subscribe: () => (hasBegun = true), next: show }));
      const manifest = await writeItems(shown$, { ...flags, to: recordFiles, signal: stop.signal });
      bytesWritten = manifest.bytes;
      if (!hasBegun) alreadyComplete = manifest;
    } else {
      for await (const item of toAsyncIterable(watched$)) {
        await writer?.write(item);
        show(item);
        if (count >= head) break;
      }
    }
    if (!stop.signal.aborted) how = 'completed';
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    bytesWritten = (await writer?.end(how)) ?? bytesWritten;
    await printer.end();
    signals.release();
  }
  await watched.close();
  const outcome = { isInterrupted: how === 'failed', writesFiles: recordFiles !== undefined };
  reports.end(watched.read(), { ...outcome, alreadyComplete, bytesWritten });
}

/** @throws ConfigError if the file is not JSON, or is a training job. */
function readPipeline(path: string): PipelineSpec {
  const spec = readJson(path);
  if (typeof spec === 'object' && spec !== null && 'InputDataConfig' in spec) {
    const message = `${path} is a training job, not a pipeline: run it with millrace local ${path} -- <command>`;
    throw new ConfigError(message, { path: 'InputDataConfig' });
  }
  return spec as PipelineSpec;
}

function inputsOf({ channels }: PipelineSpec): ReadPattern[] {
  return Object.values(channels).flatMap(({ files = [], ...filter }) =>
    [files as string | string[]].flat().map((pattern) => ({ pattern, filter: filter as FileFilterOptions })),
  );
}

async function refuseReplacing(
  files: Readonly<Record<string, string | undefined>>,
  { to, isRecords }: { readonly to: string | undefined; readonly isRecords: boolean },
  inputs: readonly ReadPattern[],
): Promise<void> {
  if (to !== undefined && to !== STANDARD_OUTPUT) await refuseInput({ to, isRecords }, inputs);
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined) continue;
    await refuseInput({ flag, to: file, isRecords: false }, inputs);
    if (to !== undefined && resolve(file) === resolve(to)) {
      throw new ConfigError(`${flag} ${file}: --to writes this file. Use a different file`, { path: flag.slice(2) });
    }
  }
}

function isAboutOutput(error: unknown): boolean {
  return (
    error instanceof MillraceError &&
    (error.code === 'ERR_OUTPUT' ||
      /^--(to|page|trace) /.test(error.message) ||
      (error instanceof ConfigError && error.path === 'to'))
  );
}
