import { InvalidArgumentError, type Command } from 'commander';
import { inspectInputs, type InspectFlags } from './inspectInputs.js';

const DEFAULT_HEAD = 5;

const HELP = `
It knows RecordIO, TFRecord, lines of text, PNG and JPEG, in gzip or zlib too. In records it knows tf.train.Example,
tf.train.SequenceExample, ExampleListWithContext and SageMaker's Record protobuf; in lines, JSON and CSV. Files of the
same format are taken as one data set. A FIFO can be read once only, so its data is gone then.

  millrace inspect 'data/*.tfrecord' labels.csv
  zcat part-*.gz | millrace inspect - --head 2`;

/** Adds `millrace inspect`, which reports the format and the content of inputs. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('find out what files, a FIFO or standard input hold')
    .argument('<input...>', 'files, folders, patterns, FIFOs, or - for standard input')
    .option('--head <n>', 'how many records to show', parseCount, DEFAULT_HEAD)
    .option('--json', 'print one JSON object for each format that was found, and no records')
    .option('--limit <n>', 'stop after this many records', parseLimit, Infinity)
    .option('--quiet', 'show no progress')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action((inputs: readonly string[], flags: InspectFlags) => inspectInputs(inputs, flags));
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
