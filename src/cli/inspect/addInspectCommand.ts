import { InvalidArgumentError, type Command } from 'commander';
import { parseFile } from '../reportFileOptions.js';
import type { inspectInputs } from './inspectInputs.js';
import type { InspectFlags } from './inspection.js';

const DEFAULT_HEAD = 5;

const HELP = `
Formats: RecordIO, TFRecord, lines of text, PNG and JPEG, also compressed with gzip, zlib, zstd or brotli (.br), and
Parquet (.parquet), which needs the package hyparquet. Records may be tf.train.Example, tf.train.SequenceExample,
ExampleListWithContext or SageMaker's Record protobuf. Lines may be JSON or CSV. One report describes all files of the
same format. After inspect has read a FIFO, a job cannot read the data of this FIFO.
s3:// needs the package @aws-sdk/client-s3. Region, credentials and endpoint (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL)
come from the environment and from ~/.aws.

  millrace inspect 'data/*.tfrecord' labels.csv
  millrace inspect 's3://bucket/train/*.tfrecord' https://example.org/labels.csv
  millrace inspect 'train/*.tfrecord' --against 'validation/*.tfrecord' --page data.html
  zcat part-*.gz | millrace inspect - --head 2`;

export function addInspectCommand(program: Command, load: () => Promise<typeof inspectInputs>): void {
  program
    .command('inspect')
    .description('show the format and content of files, URLs, a FIFO or standard input')
    .argument('<input...>', 'files, folders, URLs, patterns, FIFOs, or - for standard input')
    .option('--head <n>', 'the number of records to show of each format', parseCount, DEFAULT_HEAD)
    .option('--json', 'print one JSON object for each format, without records')
    .option('--limit <n>', 'stop after this many records', parseLimit)
    .option('--quiet', 'show no progress')
    .option('--page <file.html>', 'write an HTML page with statistics of each feature', parseFile('.html'))
    .option('--against <input...>', 'compare with other data, such as the validation data, on the page')
    .option('--sample <share>', 'the share of the records to include in the statistics, such as 0.1', parseShare)
    .option('--label <feature>', 'the feature with the classes, for the page')
    .addHelpText('after', HELP)
    .action(async (inputs: readonly string[], flags: InspectFlags) => (await load())(inputs, flags));
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected 0 or a positive integer.');
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text !== '' && share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Expected a number greater than 0, and up to 1.');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError('Expected a positive integer.');
}
