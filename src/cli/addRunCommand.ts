import { InvalidArgumentError, type Command } from 'commander';
import { addReportFileOptions } from './reportFileOptions.js';
import type { RunFlags, runPipeline } from './runPipeline.js';

const HELP = `
In a SageMaker container, millrace run reads the channels of the training job. On your machine, use a local job:

  millrace local job.json -- millrace run pipeline.json --head 3

millrace reads URLs in "files" only with --store. --store s3 needs the package @aws-sdk/client-s3. Region, credentials
and endpoint (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL) come from the environment and from ~/.aws:

  millrace run pipeline.json --store s3 --store https`;

export function addRunCommand(program: Command, load: () => Promise<typeof runPipeline>): void {
  const run = program.command('run');
  run
    .description('run a pipeline that is declared as JSON, count the items, and report the bottleneck')
    .argument('<pipeline.json>', 'the file with the pipeline')
    .option('--head <n>', 'read only the first n items, and print them unless --json is set', parseCount)
    .option(
      '--to <file>',
      'write the items to this file, or to standard output (-). Files .tfrecord, .tfrecords, .rec and .recordio contain ' +
        'TFRecord or RecordIO records, so the items must be bytes. Other files contain a line of JSON for each item, ' +
        'in which bytes and string columns are base64, and int64 is text. If the name ends in .gz, the file is ' +
        'compressed. {shard} in the name becomes the number of the file',
    )
    .option('--records-per-file <n>', 'the maximum number of items in each file of --to', parseCount)
    .option('--bytes-per-file <n>', 'the maximum size of each file of --to in bytes, before compression', parseCount)
    .option('--resume', 'keep the files of --to that an interrupted run completed, and write the other files')
    .option('--overwrite', 'replace the files of --to that an earlier run wrote')
    .option(
      '--store <prefix>',
      'read and write URLs that begin with s3, https or http, or with a prefix such as s3://bucket/; may be repeated',
      parseStore,
    )
    .option(
      '--hosts <n>',
      'the number of hosts that share "globalBatches", if the scheduler does not set it',
      parseCount,
    )
    .option('--json', 'print no items, but one JSON object at the end: the number of items, and the whole report')
    .option('--quiet', 'show no progress, no totals and no bottleneck')
    .option('--report', 'at the end, print how long each stage waited and how many items each stage buffered', false);
  addReportFileOptions(run)
    .addHelpText('after', HELP)
    .action(async (path: string, flags: RunFlags) => (await load())(path, flags));
}

function parseStore(text: string, earlier: readonly string[] = []): readonly string[] {
  if (/^(s3|https?)($|:\/\/)/.test(text)) return [...earlier, text];
  throw new InvalidArgumentError('Expected "s3", "https", "http", or a URL prefix such as s3://bucket/.');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a positive integer.');
}
