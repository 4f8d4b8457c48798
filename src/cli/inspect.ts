import { constants } from 'node:os';
import process from 'node:process';
import { InvalidArgumentError, type Command } from 'commander';
import { toAsyncIterable } from '../core/toAsyncIterable.js';
import { LineContent, RecordContent, type Content } from './inspectContent.js';
import { openUnknownInput, type UnknownInput } from './inspectInput.js';
import { SizeHistogram } from './inspectSizes.js';
import { quoted } from './inspectValue.js';

interface InspectFlags {
  readonly head: number;
  readonly json?: true;
  readonly limit: number;
}

/** How the reading ended. */
type Ending = 'at the end' | 'at the limit' | 'early';

/** What has been seen of an input. */
interface Seen {
  readonly input: UnknownInput;
  readonly sizes: SizeHistogram;
  readonly content: Content | undefined;
  readonly ending: Ending;
}

const DEFAULT_HEAD = 5;

const HELP = `
It knows RecordIO, TFRecord and lines of text, in gzip or zlib too, and in them tf.train.Example, SageMaker's Record
protobuf, JSON and CSV. A FIFO is read once: what is inspected is gone.

  zcat part-*.gz | millrace inspect - --head 2`;

const DECODERS = { 'tf.train.Example': 'parseExample', 'Record protobuf': 'parseRecordProtobuf', CSV: 'decodeCsv' };

/** Adds `millrace inspect`, which says what an input holds. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('find out what a file, a FIFO or standard input holds')
    .argument('<input>', 'a file, a FIFO, or - for standard input')
    .option('--head <n>', 'how many records to show', parseCount, DEFAULT_HEAD)
    .option('--json', 'print one JSON object, and no records')
    .option('--limit <n>', 'stop after so many records', parseLimit, Infinity)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action((path: string, flags: InspectFlags) => inspectInput(path, flags));
}

async function inspectInput(path: string, { head, json, limit }: InspectFlags): Promise<void> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  };
  // When nobody reads what it says, there is no reason to read on.
  const onClosed = (): void => {
    stop.abort();
  };
  const input = openUnknownInput(path, stop.signal);
  const sizes = new SizeHistogram();
  let content: Content | undefined;
  let ending: Ending = 'early';
  const report = json ? reportJson : reportText;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.on('error', onClosed);
  try {
    for await (const record of toAsyncIterable(input.records$)) {
      content ??= input.format === 'TextLine' ? new LineContent() : new RecordContent();
      const show = content.add(record, sizes.count);
      if (!json && sizes.count < head) console.log(`record ${sizes.count}, ${record.length} bytes:${show()}`);
      sizes.add(record.length);
      if (sizes.count === limit) break;
    }
    ending = sizes.count === limit ? 'at the limit' : 'at the end';
  } catch (error) {
    if (!stop.signal.aborted) {
      if (input.bytes > 0) report({ input, sizes, content, ending });
      throw error;
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.stdout.off('error', onClosed);
  }
  report({ input, sizes, content, ending });
}

function reportJson({ input: { format, compression, bytes }, sizes, content }: Seen): void {
  const { name = null, features = null } = content ?? {};
  const summary = { format, content: name, compression, records: sizes.count, bytes, sizes: sizes.summary(), features };
  console.log(JSON.stringify(summary));
}

function reportText({ input: { format, compression, bytes }, sizes, content, ending }: Seen): void {
  const summary = sizes.summary();
  if (summary) console.log();
  const ofContent = content ? ` of ${content.name}` : '';
  console.log(
    `${format ?? (bytes > 0 ? 'no known format' : 'nothing')}${ofContent}${compression ? `, compressed by ${compression}` : ''}`,
  );
  const where = { 'at the end': '', 'at the limit': ', where --limit stopped', early: ' so far' }[ending];
  console.log(`${sizes.count} ${sizes.count === 1 ? 'record' : 'records'} in ${bytes} bytes${where}`);
  if (summary) {
    const { min, median, max, total } = summary;
    console.log(`record sizes: min ${min}, median ${median}, max ${max}, total ${total} bytes`);
  }
  for (const remark of content?.remarks ?? []) console.log(remark);
  const decoder = Object.entries(DECODERS).find(([name]) => name === content?.name)?.[1];
  if (decoder !== undefined) console.log(`for ${decoder}:\n${layOut(content?.features)}`);
}

/** JSON with a line for each feature. */
function layOut(value: unknown, indent = ''): string {
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value) || 'dtype' in value;
  if (isLeaf) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([name, part]) => `${indent}  ${quoted(name)}: ${layOut(part, `${indent}  `)}`,
  );
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number from 0.');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError('Expected a positive integer.');
}
