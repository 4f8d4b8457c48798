import { InvalidArgumentError, type Command } from 'commander';
import type { IndexFlags, runIndex } from './runIndex.js';

const HELP = `
globalBatches() reads blocks of records in any order, and needs an index of the blocks. Formats: TFRecord, RecordIO and
lines of text, not compressed, and Parquet, whose blocks are row groups. s3:// needs the package @aws-sdk/client-s3.
Region, credentials and endpoint (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL) come from the environment and from ~/.aws.

  millrace index 'data/train-*.tfrecord' --to train.index.json
  millrace index 's3://bucket/train/*.csv' --skip-lines 1 --to s3://bucket/train.index.json
  millrace index 'data/*.tfrecord' --idx 'data/*.idx' --to train.index.json`;

export function addIndexCommand(program: Command, load: () => Promise<typeof runIndex>): void {
  program
    .command('index')
    .description('find the blocks of records in files, for globalBatches()')
    .argument('<input...>', 'files, folders, URLs or patterns, in the order of globalBatches()')
    .requiredOption('--to <file>', 'the file or s3:// URL of the index')
    .option('--check', 'write nothing: read the files again, and compare them with the index', false)
    .option('--block-bytes <n>', 'the minimum size of a block in bytes (default: 8 MiB)', parseCount)
    .option('--skip-lines <n>', 'the number of lines to skip at the start of each file of lines', parseCount)
    .option('--idx <pattern...>', 'the index files of tfrecord2idx, which are read in place of the data')
    .option('--json', 'print the result as one JSON object')
    .option('--quiet', 'show no progress')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action(async (inputs: readonly string[], flags: IndexFlags) => (await load())(inputs, flags));
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a positive integer.');
}
