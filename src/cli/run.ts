import { constants } from 'node:os';
import process from 'node:process';
import { clearLine, cursorTo } from 'node:readline';
import { InvalidArgumentError, type Command } from 'commander';
import { monitor, type MonitorReport } from '../../operators/monitor.js';
import { report } from '../../operators/report.js';
import { MillraceError, type ConfigError } from '../base/errors.js';
import { prefixMessage } from '../pipeline/declared/placeErrors.js';
import { readJson } from '../base/readJson.js';
import { formatReport } from '../report/formatReport.js';
import { toAsyncIterable } from '../consumers/toAsyncIterable.js';
import type { PipelineReport } from '../report/reportTypes.js';
import { definePipeline } from '../pipeline/declared/definePipeline.js';
import type { PipelineSpec } from '../pipeline/declared/pipelineSpec.js';
import { describeItem } from './describeItem.js';
import { openItemWriter, STANDARD_OUTPUT } from './itemWriter.js';
import { LinePrinter } from './linePrinter.js';
import { refuseInput } from './refuseInput.js';

interface RunFlags {
  readonly head?: number;
  readonly to?: string;
  readonly report: boolean;
}

const PROGRESS_MS = 500;

const HELP = `
In a SageMaker container, it reads the channels of the training job. On your machine, run it in a local job:

  millrace local job.json -- millrace run pipeline.json --head 3`;

/** Adds `millrace run`, which runs a declared pipeline. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('run a pipeline that is declared as JSON, count its items, and name the bottleneck')
    .argument('<pipeline.json>', 'the pipeline')
    .option('--head <n>', 'show the first items, as inspect does, and stop', parseCount)
    .option('--to <file>', 'write the items as lines of JSON; - is standard output')
    .option('--report', 'print at the end how long each stage waited, and the items that it held', false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action((path: string, flags: RunFlags) =>
      run(path, flags).catch((error: unknown) => {
        if (!isAboutOutput(error)) prefixMessage(error, path);
        throw error;
      }),
    );
}

async function run(path: string, { head = Infinity, to, ...flags }: RunFlags): Promise<void> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  };
  const spec = readJson(path) as PipelineSpec;
  const item$ = definePipeline(spec, { signal: stop.signal });
  if (to !== undefined && to !== STANDARD_OUTPUT) await refuseInput(to, [path, ...filesOf(spec)]);
  const watched = report({ consumer: to ?? 'the output' });
  const items = toAsyncIterable(item$.pipe(monitor({ everyMs: PROGRESS_MS, onReport: showProgress }), watched));
  const writer = to === undefined ? undefined : await openItemWriter(to);
  const printer = new LinePrinter(() => {
    stop.abort();
  });
  const isShown = head !== Infinity && to !== STANDARD_OUTPUT;
  let count = 0;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    for await (const item of items) {
      await writer?.write(item);
      if (isShown) printer.print(describeItem(item, count));
      if (++count >= head) break;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await writer?.end();
    await printer.end();
  }
  showReport(watched.read(), flags.report);
}

/** Returns the files and patterns that a checked pipeline reads. */
function filesOf({ channels }: PipelineSpec): string[] {
  return Object.values(channels).flatMap(({ files = [] }) => files as string | string[]);
}

/** Returns whether an error is about the output and not about the pipeline. */
function isAboutOutput(error: unknown): boolean {
  return error instanceof MillraceError && (error.code === 'ERR_OUTPUT' || (error as ConfigError).path === 'to');
}

/** Shows the progress on a terminal, and the totals at the end. */
function showProgress({ ending, total }: MonitorReport): void {
  const { stderr } = process;
  if (!ending && !stderr.isTTY) return;
  if (stderr.isTTY) {
    clearLine(stderr, 0);
    cursorTo(stderr, 0);
  }
  const { records, bytes, elapsedMs } = total;
  const seconds = (elapsedMs / 1000).toFixed(1);
  stderr.write(`millrace: ${records} items, ${(bytes / 1e6).toFixed(2)} MB in ${seconds} s${ending ? '\n' : ''}`);
}

/** A shorter run is mostly the start: modules are loaded, and files are opened. */
const SHORTEST_MS = 200;

/** Prints the bottleneck in one sentence, or the whole report. */
function showReport(result: PipelineReport, isWhole: boolean): void {
  const isShort = result.elapsedMs < SHORTEST_MS;
  const text = isShort ? 'the run was too short to find the bottleneck.' : result.verdict.text;
  process.stderr.write(isWhole ? `${formatReport(result)}\n` : `millrace: ${text}\n`);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a positive integer.');
}
